// holdfast/platform/thread_storage.hpp: one value per thread under a key of the system.
//
// Such a key has two uses: a function of ours is called when a thread ends, and CPython keeps a
// thread's state under one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#define HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK 1
#else
#include <climits>

#include <pthread.h>
#define HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK 0
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A key for a value of each thread. When a thread ends, a function gets its value, unless that is
/// null.
///
/// On POSIX the system calls the function, after the destructors of thread_local variables. Windows
/// has such keys too (FlsAlloc). But it calls their functions before those destructors, and when a
/// compiler that emulates thread_local has freed such variables; wine holds a lock meanwhile that
/// other threads need to begin. So there the function is called by call_when_threads_end().
class thread_exit_key {
public:
    thread_exit_key() noexcept = default;
    /// A key that another library of the process has made.
    explicit thread_exit_key(std::uintptr_t number) noexcept : number_(number) {}

    /// False: the system has no more keys.
    [[nodiscard]] HOLDFAST_DETAIL_RARE bool create(void (*at_exit)(void *)) noexcept {
#if defined(_WIN32)
        (void)at_exit;
        number_ = TlsAlloc();
        return number_ != 0xFFFFFFFFU;
#else
        pthread_key_t key{};
        if (pthread_key_create(&key, at_exit) != 0)
            return false;
        number_ = static_cast<std::uintptr_t>(key);
        return true;
#endif
    }
    HOLDFAST_DETAIL_RARE void remove() const noexcept {
#if defined(_WIN32)
        TlsFree(static_cast<unsigned long>(number_));
#else
        pthread_key_delete(static_cast<pthread_key_t>(number_));
#endif
    }

    [[nodiscard]] std::uintptr_t number() const noexcept { return number_; }

    [[nodiscard]] void *get() const noexcept {
#if defined(_WIN32)
        return TlsGetValue(static_cast<unsigned long>(number_));
#else
        return pthread_getspecific(static_cast<pthread_key_t>(number_));
#endif
    }
    /// False: no memory.
    bool set(void *value) const noexcept {
#if defined(_WIN32)
        return TlsSetValue(static_cast<unsigned long>(number_), value) != 0;
#else
        return pthread_setspecific(static_cast<pthread_key_t>(number_), value) == 0;
#endif
    }

private:
    std::uintptr_t number_ = 0;
};

#if defined(_WIN32)
/// What this library does when a thread ends; null: nothing.
inline std::atomic<void (*)() noexcept> when_a_thread_ends{nullptr};

/// The loader calls this when a thread ends, under its lock, after the destructors of this library's
/// thread_local variables. Nothing there may wait for another thread. Not at the process's end.
inline void __stdcall at_thread_detach(void *, unsigned long reason, void *) {
    constexpr unsigned long thread_detach = 3;
    if (reason != thread_detach)
        return;
    if (auto *const work = when_a_thread_ends.load(std::memory_order_acquire))
        work();
}

/// An entry of the table that the loader reads; the linker sorts it by the section's name, and those
/// of thread_local variables come before Y.
__attribute__((section(".CRT$XLY"),
               used)) inline void(__stdcall *const thread_detach_entry)(void *, unsigned long,
                                                                        void *) = &at_thread_detach;

/// Has the function called at the end of each thread of the process, after the destructors of this
/// library's thread_local variables.
inline void call_when_threads_end(void (*work)() noexcept) noexcept {
    when_a_thread_ends.store(work, std::memory_order_release);
}
#endif

/// A key of the kind that CPython uses (Py_tss_t), as a number below most_keys.
#if defined(_WIN32)
inline constexpr unsigned most_keys = 64 + 1024;
inline void *value_of_key(std::size_t key) noexcept {
    return TlsGetValue(static_cast<unsigned long>(key));
}
inline void set_value_of_key(std::size_t key, void *value) noexcept {
    TlsSetValue(static_cast<unsigned long>(key), value);
}
#else
#if defined(__APPLE__)
inline constexpr unsigned most_keys = 256 + 512;  // the system's own come first
#else
inline constexpr unsigned most_keys = PTHREAD_KEYS_MAX;
#endif
inline void *value_of_key(std::size_t key) noexcept {
    return pthread_getspecific(static_cast<pthread_key_t>(key));
}
inline void set_value_of_key(std::size_t key, void *value) noexcept {
    pthread_setspecific(static_cast<pthread_key_t>(key), value);
}
#endif

}  // namespace holdfast::detail
