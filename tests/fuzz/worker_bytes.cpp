// worker_bytes.cpp: what a worker process sends, whatever it is: a libFuzzer target.
//
// The first byte says where the rest comes from: a pickle, a packet of the socket, or the ring. Each is
// read as the host reads it, and what was read is converted. It needs no Python at run time.
//
//     clang++ -g -O1 -fsanitize=fuzzer,address,undefined $(holdfast config --cflags) worker_bytes.cpp
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/isolated/message.hpp>
#include <holdfast/isolated/message_ring.hpp>

namespace {

namespace detail = holdfast::detail;

constexpr std::size_t most = 100000;
constexpr detail::callee callee{"", "app", "f", "()"};

/// Reads the value as a T, or throws conversion_error.
template <class T>
void convert(const detail::plain_value &value) {
    try {
        (void)detail::plain_converter<T>::read(value, detail::value_path::result(callee, nullptr));
    } catch (const holdfast::conversion_error &) {}
}

void read_value(std::string_view data, const std::vector<detail::answer_buffer> &buffers) {
    const detail::plain_value value = detail::read_plain(data, buffers, most);
    convert<bool>(value);
    convert<std::int8_t>(value);
    convert<std::uint64_t>(value);
    convert<double>(value);
    convert<std::string>(value);
    convert<holdfast::bytes>(value);
    convert<std::vector<double>>(value);
    convert<std::vector<std::vector<long>>>(value);
    convert<std::map<std::string, std::optional<long>>>(value);
    convert<std::pair<long, std::string>>(value);
    convert<holdfast::array_view<const double>>(value);
    convert<holdfast::array_view<float, 2>>(value);
    convert<holdfast::memory_view>(value);
}

void read_answer(const detail::worker_answer &answer) {
    try {
        if (answer.kind == detail::answer_kind::result || answer.kind == detail::answer_kind::chunk)
            read_value(answer.pickle, answer.buffers);
        else
            (void)detail::reported_exception(answer);
    } catch (const detail::malformed_answer &) {}
}

void read_packet(std::string_view packet) {
    detail::worker_answer answer;
    detail::result_memory results;
    if (detail::parse_answer(packet, {}, std::size_t{1} << 20U, results, answer))
        read_answer(answer);
}

/// The bytes are what the worker's side of the memory has: first its words, then its ring.
void read_ring(std::string_view bytes) {
    static std::vector<std::uint64_t> memory(detail::ring_memory / sizeof(std::uint64_t));
    std::fill(memory.begin(), memory.end(), 0);
    auto *const base = reinterpret_cast<char *>(memory.data());
    detail::message_ring ring;
    ring.open(base);
    auto &words = *reinterpret_cast<detail::ring_words *>(base);
    std::uint32_t end = 0;
    if (bytes.size() < sizeof end)
        return;
    std::memcpy(&end, bytes.data(), sizeof end);
    bytes.remove_prefix(sizeof end);
    std::memcpy(base + 4096 + detail::ring_size, bytes.data(),
                std::min<std::size_t>(bytes.size(), detail::ring_size));
    words.answer_end.value.store(end);
    detail::ring_entry entry;
    while (ring.take(entry) == detail::message_ring::outcome::taken) {
        detail::worker_answer answer;
        answer.task = entry.number;
        answer.kind = entry.flags <= static_cast<unsigned>(detail::answer_kind::called)
                          ? static_cast<detail::answer_kind>(entry.flags)
                          : detail::answer_kind::raised;
        answer.pickle = std::move(entry.pickle);
        read_answer(answer);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view rest(reinterpret_cast<const char *>(data) + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        try {
            read_value(rest, {});
        } catch (const detail::malformed_answer &) {}
        break;
    case 1:
        read_packet(rest);
        break;
    default:
        read_ring(rest);
    }
    return 0;
}
