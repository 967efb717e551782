// holdfast/platform/thread_cancel.hpp: holds off pthread_cancel() while a thread waits to attach.
//
// Must not include <Python.h>. CPython waits for the GIL in pthread_cond_timedwait(), which is a
// cancellation point. A thread that is cancelled there unwinds with the GIL's mutex locked, and no
// thread can attach after that. CPython also waits when a thread detaches while another one has
// asked for the GIL. So cancellation is held off during both, and acts at the thread's next
// cancellation point; the constructor of the next attach_guard is one.
//
// Holding it off takes two atomic operations, which make an attach 12 to 18 % slower. So we do it
// only in a process where some loaded object imports pthread_cancel(). We look when a thread
// attaches for the first time. This misses code that finds the function with dlsym(), a library
// that is loaded later and cancels a thread that attached before, and a library that is loaded in a
// forked child.
#pragma once

#include <atomic>

#if !defined(_WIN32)
#include <pthread.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if defined(__GLIBC__)
/// Whether some object imports pthread_cancel(), as far as this library has seen. It is never
/// reset.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<bool> may_be_cancelled{false};

/// Looks at all loaded objects, unless nothing has been loaded since the last look. Any thread,
/// attached or not.
///
/// A forked child does not look if its parent has: looking takes the loader's lock, another thread
/// of the parent may have held it at the fork, and glibc does not reset it. So each library looks
/// as soon as it finds the process's records.
void look_for_cancel() noexcept;

inline bool threads_may_be_cancelled() noexcept {
    return may_be_cancelled.load(std::memory_order_relaxed);
}
#elif defined(_WIN32)
inline void look_for_cancel() noexcept {}
constexpr bool threads_may_be_cancelled() noexcept { return false; }
#else
inline void look_for_cancel() noexcept {}
inline bool threads_may_be_cancelled() noexcept { return true; }
#endif

/// A cancellation that was held off acts here: the thread unwinds. Use it only where that is
/// allowed.
HOLDFAST_DETAIL_COLD inline void cancellation_point() {
#if !defined(_WIN32)
    if (threads_may_be_cancelled())
        pthread_testcancel();
#endif
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/platform/thread_cancel.ipp>
#endif
