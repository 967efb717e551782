// isolated_executor: bytes that a hostile worker sends are read within their bounds, or refused, and never run code.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <complex>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.hpp"

using namespace std::string_literals;
using holdfast::detail::answer_buffer;
using holdfast::detail::malformed_answer;
using holdfast::detail::plain_converter;
using holdfast::detail::plain_value;
using holdfast::detail::read_plain;
using holdfast::detail::value_path;

namespace {

constexpr std::size_t most = 100000;

/// Whether the reader takes it.
bool is_read(const std::string &data) {
    // At the end of its block, so that a sanitizer sees a read beyond it.
    const std::vector<char> exact(data.begin(), data.end());
    try {
        (void)read_plain({exact.data(), exact.size()}, {}, most);
        return true;
    } catch (const malformed_answer &) {
        return false;
    }
}

/// Why the reader refuses it; empty: it takes it.
std::string refusal_of(const std::string &data) {
    try {
        (void)read_plain(data, {}, most);
        return "";
    } catch (const malformed_answer &problem) {
        return problem.what();
    }
}

void check_refusals() {
    const std::string head = "\x80\x05"s;
    CHECK(is_read(head + "N."s) && is_read(head + "]\x94(K\x01K\x02"s + "e."s));
    CHECK(!is_read(""s) && !is_read(head) && !is_read("\x80\x04N."s) && !is_read(head + "NN."s));
    CHECK(!is_read(head + "N.x"s) && !is_read(head + "(N."s) && !is_read(head + "e."s));
    // What would import, call, or build an instance in Python.
    CHECK(!is_read(head + "cos\nsystem\n."s));
    CHECK(!is_read(head + "\x8c\x02os\x8c\x06system\x93."s));
    CHECK(!is_read(head + "\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."s));
    CHECK(!is_read(head + "ios\nsystem\n."s) && !is_read(head + "(cos\nsystem\no."s));
    for (const char opcode : "\x81\x92\x82\x83\x84QPb0"s)
        CHECK(!is_read(head + "NN"s + opcode + "."s));
    CHECK(!is_read(head + "K\x01K\x01\x85R."s));
    // What could grow without end: values that are used twice.
    CHECK(!is_read(head + "]\x94h\x00\x61."s) && !is_read(head + "]q\x00."s));
    CHECK(!is_read(head + "N2\x86."s));
    // Sizes that are not there.
    CHECK(!is_read(head + "X\xff\xff\xff\xffx."s) &&
          !is_read(head + "\x8e\xff\xff\xff\xff\xff\xff\xff\xffx."s));
    CHECK(!is_read(head + "\x8b\xff\xff\xff\xffx."s) && !is_read(head + "\x97."s));
    CHECK(!is_read(head + std::string(most + 1, 'N') + "."s));
    // Containers count as well: each is larger than the byte that makes it.
    std::string tuples = head + "("s;
    for (std::size_t i = 0; i < most / 400; ++i)
        tuples += "N"s + std::string(499, '\x85');
    CHECK(refusal_of(tuples + "t."s) == refusal_of(head + std::string(most + 1, 'N') + "."s));
    std::string deep = head;
    for (int i = 0; i < 20000; ++i)
        deep += "]"s;
    for (int i = 0; i < 19999; ++i)
        deep += "a"s;
    CHECK(!is_read(deep + "."s));
    std::string nested = head + ")"s;
    for (int i = 0; i < 20000; ++i)
        nested += "\x85"s;
    CHECK(!is_read(nested + "."s));
    // Marks that are open take memory, too, and no value counts them.
    CHECK(refusal_of(head + std::string(500, '(') + "."s) != "it is nested too deeply");
    CHECK(refusal_of(head + std::string(20000, '(') + "."s) == "it is nested too deeply");
}

/// Values between marks belong to the container below the mark, and only those.
void check_marks() {
    const std::string head = "\x80\x05"s;
    const auto integers = [&](const std::string &data) {
        return plain_converter<std::vector<int>>::read(read_plain(head + data + "."s, {}, most),
                                                       value_path());
    };
    CHECK(integers("]"s) == std::vector<int>{} && integers("](e"s) == std::vector<int>{});
    CHECK(integers("](K\x01K\x02\x65(K\x03\x65K\x04\x61"s) == (std::vector<int>{1, 2, 3, 4}));
    CHECK(refusal_of(head + "]K\x01(\x61."s) == "an opcode finds too few values");
    CHECK(refusal_of(head + "K\x01(\x85."s) == "an opcode finds too few values");
    CHECK(refusal_of(head + "(K\x01\x65."s) == "values have no container that fits");
    CHECK(refusal_of(head + "}(K\x01u."s) == "values have no container that fits");
    std::string reals = "]"s;
    for (int batch = 0; batch < 3; ++batch) {
        reals += "("s;
        for (int i = 0; i < 1000; ++i)
            reals += "G\x3f\xe0\0\0\0\0\0\0"s;
        reals += "e"s;
    }
    CHECK(plain_converter<std::vector<double>>::read(read_plain(head + reals + "."s, {}, most),
                                                     value_path()) ==
          std::vector<double>(3000, 0.5));
}

/// Conversions of whatever was read end with a value or a conversion_error.
void convert_all(const plain_value &value) {
    using tree = std::variant<int, double, std::string, std::nullptr_t, std::vector<int>,
                              std::map<std::string, double>>;
    const holdfast::detail::callee call{"", "m", "f", "()"};
    const value_path where = value_path::result(call, nullptr);
    const auto attempt = [&](auto converter) {
        try {
            (void)decltype(converter)::read(value, where);
        } catch (const holdfast::conversion_error &) {
        } catch (const malformed_answer &) {}
    };
    attempt(plain_converter<bool>());
    attempt(plain_converter<std::uint8_t>());
    attempt(plain_converter<std::uint64_t>());
    attempt(plain_converter<double>());
    attempt(plain_converter<std::string>());
    attempt(plain_converter<holdfast::bytes>());
    attempt(plain_converter<std::vector<std::vector<std::string>>>());
    attempt(plain_converter<std::vector<double>>());
    attempt(plain_converter<std::vector<float>>());
    attempt(plain_converter<std::vector<tree>>());
    attempt(plain_converter<std::map<std::string, std::optional<int>>>());
    attempt(plain_converter<std::tuple<int, std::string>>());
    attempt(plain_converter<std::set<std::string>>());
    attempt(plain_converter<holdfast::date_time>());
    attempt(plain_converter<holdfast::date>());
    attempt(plain_converter<std::chrono::milliseconds>());
    attempt(plain_converter<holdfast::utc_time>());
    attempt(plain_converter<std::complex<double>>());
    attempt(plain_converter<std::filesystem::path>());
}

/// A pickle of values and tags, made at random: mostly well-formed.
class sample_maker {
public:
    explicit sample_maker(std::mt19937_64 &random) : random_(random) {}

    std::string make() {
        text_ = "\x80\x05"s;
        value(0);
        return text_ + "."s;
    }

private:
    std::size_t up_to(std::size_t most_one) { return random_() % (most_one + 1); }
    void text(const std::string &what) { text_ += "\x8c"s + static_cast<char>(what.size()) + what; }
    void items(int depth) {
        for (std::size_t i = up_to(4); i-- > 0;)
            value(depth + 1);
    }
    void value(int depth) {
        static const char *const tags[] = {"same", "keys",      "record",  "enum",    "date",
                                           "time", "datetime",  "array",   "other",   "uuid",
                                           "path", "timedelta", "complex", "decimal", "unknown"};
        switch (up_to(depth > 5 ? 6U : 13U)) {
        case 0:
            text_ += "N"s;
            return;
        case 1:
            text_ += "\x88"s;
            return;
        case 2:
            text_ += "J"s + std::string("\x01\x02\x00\xff", 4);
            return;
        case 3:
            text_ += "\x8a"s + static_cast<char>(9) + std::string(9, '\x41');
            return;
        case 4:
            text_ += "G"s + std::string(8, static_cast<char>(up_to(255)));
            return;
        case 5:
            return text(up_to(1) == 0 ? "text" : "\xed\xa0\x80");
        case 6:
            text_ += "C\x10"s + std::string(16, 'b');
            return;
        case 7:
            text_ += "](";
            items(depth);
            text_ += "e";
            return;
        case 8:
            text_ += "(";
            items(depth);
            text_ += "t";
            return;
        case 9:
            text_ += "}(";
            for (std::size_t i = up_to(3); i-- > 0;) {
                text("key");
                value(depth + 1);
            }
            text_ += "u";
            return;
        case 10:
            text_ += "\x8f(";
            items(depth);
            text_ += "\x90";
            return;
        default:
            text("holdfast_worker");
            text(tags[up_to(14)]);
            text_ += "\x93(";
            items(depth);
            text_ += "tR";
            return;
        }
    }

    std::mt19937_64 &random_;
    std::string text_;
};

void mutate(std::string &sample, std::mt19937_64 &random) {
    for (std::size_t times = random() % 4; times-- > 0 && !sample.empty();) {
        const std::size_t at = random() % sample.size();
        switch (random() % 4) {
        case 0:
            sample[at] = static_cast<char>(random());
            break;
        case 1:
            sample.erase(at, random() % 8);
            break;
        case 2:
            sample.insert(at, 1 + random() % 4, static_cast<char>(random()));
            break;
        default:
            sample.insert(at, sample.substr(random() % sample.size(), random() % 16));
            break;
        }
    }
}

void check_random_pickles(std::mt19937_64 &random, int rounds) {
    sample_maker maker(random);
    int taken = 0;
    for (int i = 0; i < rounds; ++i) {
        std::string sample = maker.make();
        if (i % 4 != 0)
            mutate(sample, random);
        const std::vector<char> exact(sample.begin(), sample.end());
        try {
            convert_all(read_plain({exact.data(), exact.size()}, {}, most));
            ++taken;
        } catch (const malformed_answer &) {}
    }
    CHECK(taken > rounds / 5);
}

/// Packets, with and without a descriptor, of any kind of file.
void check_random_packets(std::mt19937_64 &random, int rounds) {
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    const int memory = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(ftruncate(memory, 70000) == 0);
    int pipe_ends[2];
    CHECK(pipe(pipe_ends) == 0);  // a read from it would block
    holdfast::detail::result_memory results;
    results.open(std::make_shared<holdfast::detail::shared_memory>(
        "rings", holdfast::detail::ring_memory, "no memory"));
    for (int i = 0; i < rounds; ++i) {
        std::string packet(20 + random() % 64, '\0');
        for (std::size_t k = 0; k < packet.size(); ++k)
            if (random() % 3 == 0)
                packet[k] = static_cast<char>(random());
        packet[5] = static_cast<char>(random() % 7);
        iovec part{packet.data(), packet.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        alignas(cmsghdr) char passed[CMSG_SPACE(sizeof(int))] = {};
        if (i % 2 == 0) {
            message.msg_control = passed;
            message.msg_controllen = sizeof passed;
            cmsghdr *const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(sizeof(int));
            const int file = i % 4 == 0 ? memory : pipe_ends[0];
            std::copy_n(reinterpret_cast<const char *>(&file), sizeof file, CMSG_DATA(header));
        }
        CHECK(sendmsg(ends[1], &message, 0) > 0);
        holdfast::detail::worker_answer answer;
        (void)holdfast::detail::receive_answer(ends[0], 1 << 20, results, answer);
    }
    const int next = dup(0);
    CHECK(next < 20);  // nothing that was passed is still open
    for (const int file : {next, memory, ends[0], ends[1], pipe_ends[0], pipe_ends[1]})
        close(file);
}

/// Rows of numbers take no more memory than they need.
void check_rows() {
    std::string data = "\x80\x05](";
    for (int i = 0; i < 1000; ++i)
        data += "](GABCDEFGHGABCDEFGHGABCDEFGHe";
    const plain_value rows = read_plain(data + "e.", {}, most);
    CHECK(rows.items.size() == 1000);
    for (const plain_value &row : rows.items)
        CHECK(row.items.size() == 3 && row.items.capacity() < 10);
}

}  // namespace

int main(int argc, char **argv) {
    const std::uint64_t seed =
        argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device()();
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 30000;
    std::printf("seed %llu, %d rounds\n", static_cast<unsigned long long>(seed), rounds);
    std::fflush(stdout);
    std::mt19937_64 random(seed);
    check_refusals();
    check_marks();
    check_rows();
    check_random_pickles(random, rounds);
    check_random_packets(random, rounds / 10);
}
