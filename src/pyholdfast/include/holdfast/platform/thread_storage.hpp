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
#else
#include <climits>

#include <pthread.h>
#if defined(__linux__)
#include <link.h>
#endif
#define HOLDFAST_DETAIL_AT_THREAD_EXIT
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A key whose function is called, at the end of a thread, with the thread's value unless that is
/// null. It runs after the destructors of thread_local variables on POSIX, and before them on
/// Windows, where they run under the loader's lock.
class thread_exit_key {
public:
    using function = void(HOLDFAST_DETAIL_AT_THREAD_EXIT *)(void *);

    thread_exit_key() noexcept = default;
    /// A key that another library of the process has made.
    explicit thread_exit_key(std::uintptr_t number) noexcept : number_(number) {}

    /// False: the system has no more keys.
    [[nodiscard]] HOLDFAST_DETAIL_COLD bool create(function at_exit) noexcept {
#if defined(_WIN32)
        number_ = FlsAlloc(at_exit);
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
        FlsFree(static_cast<unsigned long>(number_));
#else
        pthread_key_delete(static_cast<pthread_key_t>(number_));
#endif
    }

    [[nodiscard]] std::uintptr_t number() const noexcept { return number_; }

    [[nodiscard]] void *get() const noexcept {
#if defined(_WIN32)
        return FlsGetValue(static_cast<unsigned long>(number_));
#else
        return pthread_getspecific(static_cast<pthread_key_t>(number_));
#endif
    }
    /// False: no memory.
    bool set(void *value) const noexcept {
#if defined(_WIN32)
        return FlsSetValue(static_cast<unsigned long>(number_), value) != 0;
#else
        return pthread_setspecific(static_cast<pthread_key_t>(number_), value) == 0;
#endif
    }

private:
    std::uintptr_t number_ = 0;
};

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
