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
#if defined(__linux__)
#include <link.h>
#endif
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
    [[nodiscard]] HOLDFAST_DETAIL_COLD bool create(void (*at_exit)(void *)) noexcept {
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
    HOLDFAST_DETAIL_COLD void remove() const noexcept {
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

/// The calling thread's thread-local variables of a library; none if the system does not say.
struct own_variables {
    char *begin = nullptr;
    std::size_t size = 0;
};

#if defined(__linux__)
struct variables_search {
    std::uintptr_t address;
    own_variables found;
};

HOLDFAST_DETAIL_COLD inline int look_for_variables(dl_phdr_info *library, std::size_t known,
                                                   void *result) {
    auto &search = *static_cast<variables_search *>(result);
    bool holds = false;
    std::size_t size = 0;
    for (int i = 0; i < library->dlpi_phnum; ++i) {
        const auto &part = library->dlpi_phdr[i];
        const std::uintptr_t begin = library->dlpi_addr + part.p_vaddr;
        holds = holds || (part.p_type == PT_LOAD && begin <= search.address &&
                          search.address < begin + part.p_memsz);
        if (part.p_type == PT_TLS)
            size = part.p_memsz;
    }
    constexpr std::size_t needed = offsetof(dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    if (!holds)
        return 0;
    if (size != 0 && known >= needed)
        search.found = {static_cast<char *>(library->dlpi_tls_data), size};
    return 1;
}
#endif

/// Those of the library that contains `address`.
HOLDFAST_DETAIL_COLD inline own_variables variables_around(const void *address) noexcept {
#if defined(__linux__)
    variables_search search{reinterpret_cast<std::uintptr_t>(address), {}};
    dl_iterate_phdr(&look_for_variables, &search);
    return search.found;
#else
    (void)address;
    return {};
#endif
}

}  // namespace holdfast::detail
