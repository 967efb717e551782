// holdfast/platform/barrier.hpp: a memory barrier whose cost falls on the rare side.
//
// Linux has membarrier(2). Everywhere else, and under ThreadSanitizer, which does not know it, both
// sides pay (gate.hpp has the argument).
//
// membarrier may also be refused later. It was granted when this library was loaded, and since then
// the library's threads have left the barrier to the thread that closes a gate; a seccomp filter
// may be installed after that. Then the closing thread visits every processor that it may run on.
// While it runs on a processor, no other thread runs there: a thread that was running there when
// the gate was closed has been switched out since, and a context switch is a full barrier. A thread
// that was running on none of them had been switched out before. If the visits are refused too, the
// closing thread waits: a processor delays a store only for nanoseconds.
#pragma once

#include <atomic>

#if defined(__SANITIZE_THREAD__)
#define HOLDFAST_DETAIL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOLDFAST_DETAIL_TSAN 1
#endif
#endif

#if defined(__linux__) && !defined(HOLDFAST_DETAIL_TSAN)
#define HOLDFAST_DETAIL_BARRIER 1
#include <ctime>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#if __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#endif

namespace holdfast::detail {

#if defined(HOLDFAST_DETAIL_BARRIER)

#if __has_include(<linux/membarrier.h>)
inline bool ask_membarrier(int command) noexcept {
    return syscall(__NR_membarrier, command, 0, 0) == 0;
}
inline bool register_membarrier() noexcept {
    return ask_membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}
inline bool barrier_by_kernel() noexcept {
    return ask_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}
#else
inline bool register_membarrier() noexcept { return false; }
inline bool barrier_by_kernel() noexcept { return false; }
#endif

/// Whether process_wide_barrier() reaches every thread on this kernel; asked once when the library
/// is loaded. Another shared library may get a different answer later, so the process record holds
/// what is true for the process (registry.hpp).
inline const bool membarrier_registered = register_membarrier();

inline bool barriers_are_asymmetric() noexcept { return membarrier_registered; }

/// If this library leaves the barrier to the closing thread, says so. Every thread sees that before
/// anything this thread does next.
inline void say_if_closer_pays(std::atomic<bool> &word) noexcept {
    if (!barriers_are_asymmetric())
        return;
    word.store(true);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// False if the system refuses.
HOLDFAST_DETAIL_COLD inline bool barrier_by_visits() noexcept {
    cpu_set_t before;
    if (sched_getaffinity(0, sizeof before, &before) != 0)
        return false;
    bool visited = false;
    for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<unsigned>(processor), &one);
        if (sched_setaffinity(0, sizeof one, &one) == 0)  // it fails if the processor does not
                                                          // exist or is not ours
            visited = true;
    }
    sched_setaffinity(0, sizeof before, &before);
    return visited;
}

/// When this returns, every thread of the process has executed a full barrier.
inline void process_wide_barrier() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    // A forked child may have lost the registration, so register again; after that only a filter
    // can make it fail.
    if (barrier_by_kernel() || (register_membarrier() && barrier_by_kernel()) ||
        barrier_by_visits())
        return;
    const std::timespec long_enough{0, 10'000'000};
    const cancellation_held_off until_over;
    // holdfast: ignore[HF613] 10 ms, and only where a filter refuses both barriers above
    nanosleep(&long_enough, nullptr);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

#else

constexpr bool barriers_are_asymmetric() noexcept { return false; }

inline void say_if_closer_pays(std::atomic<bool> &) noexcept {}

inline void process_wide_barrier() noexcept {}

#endif

}  // namespace holdfast::detail
