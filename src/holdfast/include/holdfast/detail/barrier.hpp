// holdfast/detail/barrier.hpp: a memory barrier that the rare side pays for.
//
// Layer 08. Linux has membarrier(2); everywhere else, and under ThreadSanitizer, which cannot see it,
// both sides pay (see gate.hpp for the argument).
#pragma once

#include <atomic>

#if defined(__SANITIZE_THREAD__)
#define HOLDFAST_DETAIL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOLDFAST_DETAIL_TSAN 1
#endif
#endif

#if defined(__linux__) && !defined(HOLDFAST_DETAIL_TSAN) && !defined(HOLDFAST_NO_MEMBARRIER)
#if __has_include(<linux/membarrier.h>)
#define HOLDFAST_DETAIL_MEMBARRIER 1
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace holdfast::detail {

#if defined(HOLDFAST_DETAIL_MEMBARRIER)

/// Whether this kernel lets process_wide_barrier() reach every thread: asked for once a process.
/// Every shared library asks for itself; the kernel gives all of them the same answer.
inline const bool membarrier_registered =
    syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;

inline bool barriers_are_asymmetric() noexcept { return membarrier_registered; }

inline void process_wide_barrier() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (!membarrier_registered)
        return;
    // A forked child may have lost the registration: ask again, then it cannot fail.
    if (syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) {
        syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
        syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    }
}

#else

constexpr bool barriers_are_asymmetric() noexcept { return false; }

inline void process_wide_barrier() noexcept {}

#endif

}  // namespace holdfast::detail
