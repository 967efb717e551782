// holdfast/platform/barrier.hpp: a memory barrier that the rare side pays for.
//
// Linux has membarrier(2); everywhere else, and under ThreadSanitizer, which cannot see
// it, both sides pay (see gate.hpp for the argument).
//
// What if membarrier is refused later? It was granted when this library was loaded, and since then
// its threads leave the barrier to who closes a gate. A seccomp filter may come after that. Then
// the closer visits every processor that it may run on. Where it runs, no other thread does:
// whatever thread ran there when the gate was closed has been taken off since, and to be taken off
// a processor is a full barrier. A thread that ran on none of them had been taken off before. Where
// that is refused, too, the closer waits: a processor holds a store back for nanoseconds.
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

/// Whether this kernel lets process_wide_barrier() reach every thread: asked for once a process.
/// Another shared library may be given another answer later: what holds for the process is in its
/// record (registry.hpp).
inline const bool membarrier_registered = register_membarrier();

inline bool barriers_are_asymmetric() noexcept { return membarrier_registered; }

/// If this library leaves the barrier to who closes, says so; what it does next comes after that
/// for everybody.
inline void say_if_closer_pays(std::atomic<bool> &word) noexcept {
    if (!barriers_are_asymmetric())
        return;
    word.store(true);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

/// False if the system refuses it.
HOLDFAST_DETAIL_COLD inline bool barrier_by_visits() noexcept {
    cpu_set_t before;
    if (sched_getaffinity(0, sizeof before, &before) != 0)
        return false;
    bool visited = false;
    for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<unsigned>(processor), &one);
        if (sched_setaffinity(0, sizeof one, &one) == 0)  // else there is none, or not for us
            visited = true;
    }
    sched_setaffinity(0, sizeof before, &before);
    return visited;
}

/// Every thread of the process has gone through a full barrier when this returns.
inline void process_wide_barrier() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    // A forked child may have lost the registration: ask again, then it cannot fail but by a
    // filter.
    if (barrier_by_kernel() || (register_membarrier() && barrier_by_kernel()) ||
        barrier_by_visits())
        return;
    const std::timespec long_enough{0, 10'000'000};
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
