// pause.hpp: what build.py puts before accesses and calls in a copy of the headers, so that rare orders happen.
//
// The headers themselves have no such points: a build for users cannot contain them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <thread>

namespace stress {

/// Seldom gives the processor away, very seldom sleeps for longer than a time slice of other threads' work.
inline void pause_here() {
    static const std::uint64_t seed = [] {
        const char *const given = std::getenv("HOLDFAST_SEED");
        return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
    }();
    static std::atomic<std::uint64_t> threads{0};
    thread_local std::uint64_t state =
        (seed + threads.fetch_add(1, std::memory_order_relaxed)) * 0x9e3779b97f4a7c15U | 1U;
    state ^= state << 13;  // xorshift64
    state ^= state >> 7;
    state ^= state << 17;
    const std::uint64_t chance = state % 256;
    if (chance == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(20 + (state >> 32) % 1000));
    else if (chance < 16)
        std::this_thread::yield();
}

}  // namespace stress
