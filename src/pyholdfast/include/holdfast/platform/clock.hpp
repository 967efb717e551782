// holdfast/platform/clock.hpp: the clocks, one of them cheap enough for every attach.
//
// "Inside since" needs a resolution of only a few milliseconds. Reading the full steady clock costs
// four times as much, a tenth of an attach.
#pragma once

#include <chrono>
#include <cstdint>

#include <holdfast/platform/attributes.hpp>

#if defined(__linux__)
#include <ctime>
#endif

namespace holdfast::detail {

/// The steady clock in nanoseconds, at most one kernel tick late (1 to 10 ms).
HOLDFAST_DETAIL_INLINE std::int64_t coarse_now() noexcept {
#if defined(__linux__)
    std::timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
#else
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
#endif
}

#if defined(__linux__)
inline std::uint64_t read_clock(clockid_t clock) noexcept {
    std::timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec);
}
#endif

/// Nanoseconds of the steady clock; exact, unlike coarse_now().
inline std::uint64_t steady_ns() noexcept {
#if defined(__linux__)
    return read_clock(CLOCK_MONOTONIC);
#else
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
#endif
}

/// Nanoseconds since 1970.
inline std::uint64_t wall_ns() noexcept {
#if defined(__linux__)
    return read_clock(CLOCK_REALTIME);
#else
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
#endif
}

/// A reading of coarse_now() as a steady_clock time point.
inline std::chrono::steady_clock::time_point steady_time(std::int64_t nanoseconds) noexcept {
    return std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            std::chrono::nanoseconds(nanoseconds)));
}

/// `now + limit`, or time_point::max() if that would overflow; now, if the limit is negative.
inline std::chrono::steady_clock::time_point deadline_after(
    std::chrono::milliseconds limit) noexcept {
    const auto now = std::chrono::steady_clock::now();
    if (limit.count() <= 0)
        return now;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::time_point::max() - now);
    return limit >= left ? std::chrono::steady_clock::time_point::max() : now + limit;
}

}  // namespace holdfast::detail
