// holdfast/platform/thread_storage.hpp: one value per thread under a key of the system.
//
// Such a key has two uses: a function of ours is called when a thread ends, and CPython keeps a
// thread's state under one.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#define HOLDFAST_DETAIL_AT_THREAD_EXIT __stdcall
#define HOLDFAST_DETAIL_HAS_LATE_THREADS 1
#else
#include <climits>

#include <pthread.h>
#if defined(__linux__)
#include <link.h>
#endif
#define HOLDFAST_DETAIL_AT_THREAD_EXIT
#define HOLDFAST_DETAIL_HAS_LATE_THREADS 0
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A key whose function is called, at the end of a thread, with the thread's value unless that is
/// null.
///
/// On POSIX it runs after the destructors of thread_local variables. On Windows it runs before them:
/// they run under the loader's lock, where nothing may wait for another thread. A value that the
/// function leaves stays readable there (HOLDFAST_DETAIL_HAS_LATE_THREADS). Two keys of the system
/// do that: one has a function, the other one is readable until the thread is gone.
class thread_exit_key {
public:
    using function = void(HOLDFAST_DETAIL_AT_THREAD_EXIT *)(void *);

    thread_exit_key() noexcept = default;
    /// A key that another library of the process has made.
    explicit thread_exit_key(std::uintptr_t number) noexcept : number_(number) {}

    /// False: the system has no more keys.
    [[nodiscard]] HOLDFAST_DETAIL_COLD bool create(function at_exit) noexcept {
#if defined(_WIN32)
        const unsigned long called = FlsAlloc(at_exit);
        const unsigned long read = TlsAlloc();
        number_ = static_cast<std::uintptr_t>(called) | static_cast<std::uintptr_t>(read) << 32;
        return called != none && read != none;
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
        FlsFree(called());
        TlsFree(read());
#else
        pthread_key_delete(static_cast<pthread_key_t>(number_));
#endif
    }

    [[nodiscard]] std::uintptr_t number() const noexcept { return number_; }

    [[nodiscard]] void *get() const noexcept {
#if defined(_WIN32)
        return TlsGetValue(read());
#else
        return pthread_getspecific(static_cast<pthread_key_t>(number_));
#endif
    }
    /// False: no memory.
    bool set(void *value) const noexcept {
#if defined(_WIN32)
        return FlsSetValue(called(), value) != 0 && TlsSetValue(read(), value) != 0;
#else
        return pthread_setspecific(static_cast<pthread_key_t>(number_), value) == 0;
#endif
    }

    /// Within the function: what stays readable until the thread is gone.
    void leave(void *value) const noexcept {
#if defined(_WIN32)
        TlsSetValue(read(), value);
#else
        (void)value;
#endif
    }

private:
#if defined(_WIN32)
    static constexpr unsigned long none = 0xFFFFFFFFU;
    [[nodiscard]] unsigned long called() const noexcept {
        return static_cast<unsigned long>(number_ & none);
    }
    [[nodiscard]] unsigned long read() const noexcept {
        return static_cast<unsigned long>(number_ >> 32);
    }
#endif
    std::uintptr_t number_ = 0;
};

#if defined(_WIN32)
/// The loader calls this when a thread ends, under its lock, after it has called the destructors of
/// this library's thread_local variables.
template <void (*Function)() noexcept>
void __stdcall at_thread_detach(void *, unsigned long reason, void *) {
    constexpr unsigned long thread_detach = 3;
    if (reason == thread_detach)
        Function();
}

/// The table that the loader reads; C's library sorts it by the section's name.
template <void (*Function)() noexcept>
struct thread_detach_entry {
    __attribute__((section(".CRT$XLY"), used)) static inline void(__stdcall *const entry)(
        void *, unsigned long, void *) = &at_thread_detach<Function>;
};

/// Has the function called at the end of each thread of the process.
template <void (*Function)() noexcept>
inline void call_when_thread_is_gone() noexcept {
    // The entry is in the table because it is used
    asm volatile("" : : "m"(thread_detach_entry<Function>::entry));
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
