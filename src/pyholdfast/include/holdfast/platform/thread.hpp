// holdfast/platform/thread.hpp: the numbers of threads, their ends and their stacks.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#elif defined(__APPLE__)
#include <libproc.h>
#include <sys/proc_info.h>
#include <cerrno>
#endif
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// CPython's ident of the calling thread.
inline std::uint64_t this_thread_ident() noexcept {
#if defined(_WIN32)
    return GetCurrentThreadId();
#else
    return (std::uint64_t)pthread_self();  // an integer on Linux, a pointer elsewhere
#endif
}

/// The number by which the system's own tools name the calling thread.
inline std::uint64_t this_thread_native_id() noexcept {
#if defined(__linux__)
    return static_cast<std::uint64_t>(syscall(SYS_gettid));
#elif defined(__APPLE__)
    std::uint64_t number = 0;
    pthread_threadid_np(nullptr, &number);
    return number;
#else
    return this_thread_ident();
#endif
}

/// Whether the thread of this process with that native id has ended; false if unknown.
HOLDFAST_DETAIL_COLD inline bool has_ended(std::uint64_t native_id) noexcept {
    if (native_id == 0)
        return false;
#if defined(__linux__)
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%llu",
                  static_cast<unsigned long long>(native_id));
    return access("/proc/self/task", F_OK) == 0 && access(path, F_OK) != 0;
#elif defined(__APPLE__)
    proc_threadinfo known{};
    errno = 0;
    return proc_pidinfo(getpid(), PROC_PIDTHREADID64INFO, native_id, &known, sizeof known) <= 0 &&
           errno == ESRCH;
#elif defined(_WIN32)
    constexpr unsigned long may_ask_and_wait = 0x0800U | 0x00100000U;
    void *const thread = OpenThread(may_ask_and_wait, 0, static_cast<unsigned long>(native_id));
    if (thread == nullptr)
        return true;  // a thread may always open the others of its process
    // The number may be another process's by now
    const bool ended = GetProcessIdOfThread(thread) != GetCurrentProcessId() ||
                       WaitForSingleObject(thread, 0) == 0;
    CloseHandle(thread);
    return ended;
#else
    return false;
#endif
}

/// Lets another thread run.
inline void yield_this_thread() noexcept {
#if defined(_WIN32)
    SwitchToThread();
#else
    sched_yield();
#endif
}

/// What a thread does before it is stopped: it leaves what others would wait for. Null: nothing.
inline std::atomic<void (*)() noexcept> before_a_thread_stops{nullptr};

/// Waits for ever.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void stop_this_thread() noexcept {
    if (auto *const leave = before_a_thread_stops.load(std::memory_order_acquire))
        leave();
    for (;;)
#if defined(_WIN32)
        Sleep(0xFFFFFFFFU);
#else
        pause();
#endif
}

/// A thread's stack, or a part of it.
struct stack_bounds {
    std::uintptr_t low = 0, high = 0;
    [[nodiscard]] bool contains(const void *address) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        return low <= at && at < high;
    }
};

/// The calling thread's whole stack; empty if the system does not say. Expensive: on Linux the main
/// thread's is read from a file.
HOLDFAST_DETAIL_COLD inline stack_bounds whole_stack() noexcept {
    stack_bounds whole;
#if defined(_WIN32)
    unsigned long long low = 0;
    unsigned long long high = 0;
    GetCurrentThreadStackLimits(&low, &high);
    whole.low = static_cast<std::uintptr_t>(low);
    whole.high = static_cast<std::uintptr_t>(high);
#elif defined(__APPLE__)
    whole.high = reinterpret_cast<std::uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
    whole.low = whole.high - pthread_get_stacksize_np(pthread_self());
#else
    pthread_attr_t attributes;
    void *low = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return whole;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
        whole.low = reinterpret_cast<std::uintptr_t>(low);
        whole.high = whole.low + size;
    }
    pthread_attr_destroy(&attributes);
#endif
    return whole;
}

}  // namespace holdfast::detail
