// The ring between the host and a worker loses and repeats no request, and random bytes in it are no answer.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/isolated/message_ring.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

using holdfast::detail::message_ring;
using holdfast::detail::ring_entry;
using holdfast::detail::ring_memory;
using holdfast::detail::ring_size;
using holdfast::detail::ring_words;

namespace {

struct shared_memory {
    shared_memory() : bytes(static_cast<char *>(std::calloc(1, ring_memory + 64))) {
        const auto address = reinterpret_cast<std::uintptr_t>(bytes);
        start = bytes + (64 - address % 64) % 64;
    }
    ~shared_memory() { std::free(bytes); }
    ring_words &words() const { return *reinterpret_cast<ring_words *>(start); }
    char *requests() const { return start + 4096; }
    char *answers() const { return requests() + ring_size; }

    char *bytes;
    char *start;
};

std::uint32_t number_at(const char *at) {
    std::uint32_t number = 0;
    std::memcpy(&number, at, sizeof number);
    return number;
}

/// The worker's side, as worker_program.hpp has it: it notes which requests it has run.
class worker {
public:
    explicit worker(const shared_memory &memory)
        : words_(memory.words()), requests_(memory.requests()) {}

    void run() {
        while (words_.closing.value.load() == 0) {
            words_.running.value.store(begun_ + 1);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            const std::uint32_t there = words_.request_end.value.load() - position_;
            if (there == 0 || there > ring_size) {
                words_.running.value.store(begun_);
                continue;
            }
            const char *const at = requests_ + position_ % ring_size;
            const std::uint32_t length = number_at(at);
            if (length == 0xFFFFFFFF) {
                position_ += ring_size - position_ % ring_size;
                continue;
            }
            ++begun_;
            ran.push_back(number_at(at + 16));
            position_ += (16 + length + 15) / 16 * 16;
            words_.request_begin.value.store(position_);
            done.fetch_add(1);
        }
    }

    std::vector<std::uint32_t> ran;
    std::atomic<std::uint32_t> done{0};

private:
    ring_words &words_;
    const char *requests_;
    std::uint32_t position_ = 0;
    std::uint32_t begun_ = 0;
};

struct sent {
    std::uint32_t number;
    std::uint32_t position;
    std::uint32_t what;
};

void check_taking_back(std::mt19937_64 &random, std::uint32_t most) {
    const shared_memory memory;
    message_ring ring;
    ring.open(memory.start);
    worker other(memory);
    std::thread runs([&] { other.run(); });
    std::deque<sent> in_flight;
    std::deque<std::uint32_t> waiting;
    std::vector<std::uint32_t> expected;
    std::uint32_t next = 0;
    std::uint32_t last = 0;
    std::uint32_t taken_back = 0;
    while (next < most || !waiting.empty() || !in_flight.empty()) {
        while (in_flight.size() < 1 + random() % 16 && (next < most || !waiting.empty())) {
            const std::uint32_t what = waiting.empty() ? next++ : waiting.front();
            if (!waiting.empty())
                waiting.pop_front();
            std::string pickle(4 + random() % 9000, 'x');
            std::memcpy(pickle.data(), &what, sizeof what);
            sent one{last + 1, 0, what};
            if (!ring.put(1, pickle, one.position)) {
                waiting.push_front(what);
                break;
            }
            ++last;
            in_flight.push_back(one);
        }
        (void)ring.publish();
        if (random() % 2 == 0 && !in_flight.empty()) {
            const std::size_t kept = random() % in_flight.size();
            bool must_wake = false;
            if (ring.take_back(in_flight[kept].position, in_flight[kept].number, must_wake)) {
                last = in_flight[kept].number - 1;
                for (; in_flight.size() > kept; in_flight.pop_back(), ++taken_back)
                    waiting.push_front(in_flight.back().what);
            }
        }
        for (std::uint32_t done = other.done.load(); expected.size() < done;) {
            expected.push_back(in_flight.front().what);
            in_flight.pop_front();
        }
    }
    (void)ring.close();
    runs.join();
    CHECK(other.ran == expected);
    CHECK(expected.size() == most);
    std::vector<bool> seen(most);
    for (const std::uint32_t what : expected) {
        CHECK(!seen[what]);
        seen[what] = true;
    }
    CHECK(taken_back > 0);
}

/// After take_back_all(), the worker begins nothing more; what it may have begun is known.
void check_the_end(int rounds) {
    for (int round = 0; round < rounds; ++round) {
        const shared_memory memory;
        message_ring ring;
        ring.open(memory.start);
        worker other(memory);
        std::thread runs([&] { other.run(); });
        for (std::uint32_t what = 1; what <= 50; ++what) {
            std::uint32_t position = 0;
            CHECK(ring.put(1, std::string(reinterpret_cast<const char *>(&what), 4), position));
            (void)ring.publish();
        }
        const std::uint32_t begun = ring.take_back_all();
        (void)ring.close();
        runs.join();
        CHECK(other.ran.size() <= begun && begun <= other.ran.size() + 1);
    }
}

void check_random_answers(std::mt19937_64 &random, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        const shared_memory memory;
        message_ring ring;
        ring.open(memory.start);
        for (std::size_t i = 0; i < 4096; i += 4) {
            const auto any = static_cast<std::uint32_t>(random());
            const std::uint32_t length = any % 5 == 0   ? 0xFFFFFFFF
                                         : any % 3 == 0 ? any
                                                        : any / 16 % 200;
            std::memcpy(memory.answers() + i, &length, sizeof length);
        }
        memory.words().answer_end.value =
            static_cast<std::uint32_t>(random() % 4 == 0 ? random() : random() % 9000 / 16 * 16);
        ring_entry answer;
        int taken = 0;
        while (ring.take(answer) == message_ring::outcome::taken)
            CHECK(answer.pickle.size() <= holdfast::detail::most_in_ring && ++taken < 100000);
    }
}

/// Nothing but answers of the right size comes out, in order, around the end of the ring.
void check_answers(std::mt19937_64 &random) {
    const shared_memory memory;
    message_ring ring;
    ring.open(memory.start);
    std::uint32_t end = 0;
    for (std::uint32_t number = 1; number < 2000; ++number) {
        const std::string pickle(random() % 16000, static_cast<char>('a' + number % 26));
        const auto size = static_cast<std::uint32_t>((pickle.size() + 31) / 16 * 16);
        const std::uint32_t left = ring_size - end % ring_size;
        if (size > left) {
            const std::uint32_t mark = 0xFFFFFFFF;
            std::memcpy(memory.answers() + end % ring_size, &mark, sizeof mark);
            end += left;
        }
        const std::uint32_t head[4] = {static_cast<std::uint32_t>(pickle.size()), 1, number, 0};
        char *const at = memory.answers() + end % ring_size;
        std::memcpy(at, head, sizeof head);
        std::memcpy(at + sizeof head, pickle.data(), pickle.size());
        memory.words().answer_end.value = end += size;
        ring_entry answer;
        CHECK(ring.take(answer) == message_ring::outcome::taken);
        CHECK(answer.number == number && answer.flags == 1 && answer.pickle == pickle);
        CHECK(ring.take(answer) == message_ring::outcome::nothing);
        CHECK(memory.words().answer_begin.value == end);
    }
}

}  // namespace

int main(int argc, char **argv) {
    const std::uint64_t seed =
        argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device()();
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 200;
    std::printf("seed %llu, %d rounds\n", static_cast<unsigned long long>(seed), rounds);
    std::fflush(stdout);
    std::mt19937_64 random(seed);
    check_taking_back(random, static_cast<std::uint32_t>(rounds) * 100);
    check_the_end(rounds);
    check_answers(random);
    check_random_answers(random, rounds * 10);
}
