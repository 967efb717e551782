// holdfast/platform/ticks.hpp: a clock that is cheap enough to read several times in each attach.
//
// There are two kinds of ticks: the processor's time stamp counter, if it runs steadily and the
// kernel uses it for its own time; otherwise nanoseconds of the steady clock. A reader converts the
// first kind into the second with pairs of both, taken far apart.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>

#if defined(__linux__) && (defined(__x86_64__) || defined(__i386__))
#define HOLDFAST_DETAIL_HAS_COUNTER 1
#include <cpuid.h>
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/clock.hpp>

namespace holdfast::detail {

/// Whether the counter can be used: it ticks at a constant rate, and the kernel trusts it on all
/// processors.
HOLDFAST_DETAIL_COLD inline bool counter_is_steady() noexcept {
#if defined(HOLDFAST_DETAIL_HAS_COUNTER)
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid(0x80000007U, &a, &b, &c, &d) == 0 || (d & (1U << 8U)) == 0)
        return false;
    char source[32] = "";
    std::FILE *const file =
        std::fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    if (file == nullptr)
        return false;
    const bool read = std::fgets(source, sizeof source, file) != nullptr;
    std::fclose(file);
    return read &&
           (std::strncmp(source, "tsc", 3) == 0 || std::strncmp(source, "kvm-clock", 9) == 0 ||
            std::strncmp(source, "hyperv_clocksource_tsc", 22) == 0);
#else
    return false;
#endif
}

/// The current ticks, of the kind that the caller chose once for the process.
inline std::uint64_t ticks_now(bool by_counter) noexcept {
#if defined(HOLDFAST_DETAIL_HAS_COUNTER)
    if (by_counter)
        return __builtin_ia32_rdtsc();
#endif
    (void)by_counter;
    return steady_ns();
}

}  // namespace holdfast::detail
