// What the stress programs share: a seed that is printed and replays, a clock, and failures that end
// the process at once.
#pragma once

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

namespace stress {

/// Numbers for one thread: the same for the same seed and track, whatever the scheduler does.
class dice {
public:
    explicit dice(std::uint64_t seed, std::uint64_t thread_track = 0)
        : state_(seed + thread_track * golden) {}

    std::uint64_t next() {  // splitmix64
        std::uint64_t bits = state_ += golden;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
        return bits ^ (bits >> 31);
    }
    /// True once in `times`, on average.
    bool once_in(std::uint64_t times) { return next() % times == 0; }

    /// Waits a little: often not at all, seldom for a time slice.
    void dawdle() {
        if (once_in(64))
            std::this_thread::yield();
        for (std::uint64_t left = next() % 4 == 0 ? next() % 200 : 0; left > 0; --left)
            std::atomic_signal_fence(std::memory_order_seq_cst);
    }

private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    std::uint64_t state_;
};

/// HOLDFAST_SEED, or a new seed; printed, so that a failure can be repeated.
inline std::uint64_t seed() {
    const char *const given = std::getenv("HOLDFAST_SEED");
    std::random_device fresh;
    const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : fresh();
    std::printf("HOLDFAST_SEED=%llu\n", static_cast<unsigned long long>(value));
    std::fflush(stdout);
    return value;
}

/// Before an access to an atomic of the gate, in a build that test_tsan.py has instrumented: other
/// threads get more chances to come between two accesses than the scheduler would give them.
inline void point() {
    static std::atomic<std::uint64_t> tracks{0};
    thread_local dice random(42, tracks.fetch_add(1, std::memory_order_relaxed));
    if (random.once_in(8))
        random.dawdle();
}

template <class T>
T then_point(T value) {
    point();
    return value;
}

/// The time that a program was given as its only argument, in milliseconds.
class clock {
public:
    clock(int argc, char **argv)
        : end_(std::chrono::steady_clock::now() +
               std::chrono::milliseconds(argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1000)) {}
    [[nodiscard]] bool over() const { return std::chrono::steady_clock::now() >= end_; }

private:
    std::chrono::steady_clock::time_point end_;
};

[[noreturn]] inline void fail(const char *what, const char *file, int line) {
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    _exit(3);  // other threads are running: no destructors
}

#define MUST(condition) \
    ((condition) ? static_cast<void>(0) : ::stress::fail(#condition, __FILE__, __LINE__))

}  // namespace stress
