// injector.hpp: a system that refuses the k-th thread, allocation or file that a program asks for.
//
// Every library finds the program's own functions. Memory means what C++ requests by
// operator new: holdfast and the C++ library; CPython, which uses malloc(), never gets a refusal.
// Files are those that holdfast opens.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>

namespace inject {

enum class what : int { thread, memory, file };

/// Whether a refusal is followed by others.
enum class how : int { once, from_then_on };

struct state {
    std::atomic<bool> armed{false};
    what kind = what::memory;
    how manner = how::once;
    long wanted = 0;
    std::atomic<long> asked{0};
    std::atomic<long> refused{0};
    std::atomic<long> living{0};  // allocations that have not been freed
};
inline state now;

inline void arm(what kind, how manner, long wanted) {
    now.kind = kind;
    now.manner = manner;
    now.wanted = wanted;
    now.asked = now.refused = 0;
    now.armed = true;
}
inline void disarm() { now.armed = false; }

inline bool refuses(what kind) noexcept {
    if (!now.armed.load() || now.kind != kind)
        return false;
    const long number = ++now.asked;
    const bool no = now.manner == how::once ? number == now.wanted : number >= now.wanted;
    if (no)
        ++now.refused;
    return no;
}

template <class Function>
Function *next(const char *name) noexcept {
    return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

/// Whether holdfast opens it, and not Python or the C library.
inline bool is_ours(const char *path) noexcept {
    for (const char *const known :
         {"/proc/self/task/", "/proc/self/cmdline", "/sys/devices/system/clocksource",
          "/dev/shm/holdfast-", "injected.trace"})
        if (std::strstr(path, known) != nullptr)
            return true;
    return false;
}

inline void *allocate(std::size_t size) noexcept {
    if (refuses(what::memory))
        return nullptr;
    void *const block = std::malloc(size != 0 ? size : 1);
    now.living += block != nullptr ? 1 : 0;
    return block;
}
inline void release(void *block) noexcept {
    now.living -= block != nullptr ? 1 : 0;
    std::free(block);
}

}  // namespace inject

extern "C" {

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *arg) noexcept {
    static auto *const real =
        inject::next<int(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)>(
            "pthread_create");
    return inject::refuses(inject::what::thread) ? EAGAIN : real(thread, attributes, run, arg);
}

int open(const char *path, int flags, ...) {
    static auto *const real = inject::next<int(const char *, int, ...)>("open");
    std::va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (inject::is_ours(path) && inject::refuses(inject::what::file)) {
        errno = EMFILE;
        return -1;
    }
    return real(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
    static auto *const real = inject::next<FILE *(const char *, const char *)>("fopen");
    if (inject::is_ours(path) && inject::refuses(inject::what::file)) {
        errno = EMFILE;
        return nullptr;
    }
    return real(path, mode);
}

int memfd_create(const char *name, unsigned flags) noexcept {
    static auto *const real = inject::next<int(const char *, unsigned)>("memfd_create");
    if (std::strncmp(name, "holdfast", 8) == 0 && inject::refuses(inject::what::file)) {
        errno = EMFILE;
        return -1;
    }
    return real(name, flags);
}

}  // extern "C"

void *operator new(std::size_t size) {
    if (void *const block = inject::allocate(size))
        return block;
    throw std::bad_alloc();
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
    return inject::allocate(size);
}
void *operator new(std::size_t size, std::align_val_t alignment) {
    if (inject::refuses(inject::what::memory))
        throw std::bad_alloc();
    const auto step = static_cast<std::size_t>(alignment);
    void *const block = std::aligned_alloc(step, (size + step - 1) / step * step);
    if (block == nullptr)
        throw std::bad_alloc();
    ++inject::now.living;
    return block;
}
void *operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t &) noexcept {
    if (inject::refuses(inject::what::memory))
        return nullptr;
    const auto step = static_cast<std::size_t>(alignment);
    void *const block = std::aligned_alloc(step, (size + step - 1) / step * step);
    inject::now.living += block != nullptr ? 1 : 0;
    return block;
}
void operator delete(void *block) noexcept { inject::release(block); }
void operator delete(void *block, std::size_t) noexcept { inject::release(block); }
void operator delete(void *block, std::align_val_t) noexcept { inject::release(block); }
void operator delete(void *block, std::size_t, std::align_val_t) noexcept {
    inject::release(block);
}
