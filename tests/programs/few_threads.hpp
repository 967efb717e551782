// few_threads.hpp: makes the system refuse more than a given number of threads.
//
// Every library finds the program's own pthread_create().
#pragma once

#include <atomic>
#include <cerrno>

#include <dlfcn.h>
#include <pthread.h>

inline constexpr int any_number = 1 << 30;
inline std::atomic<int> threads_to_give{any_number};

extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *),
                              void *arg) noexcept {
    using function = int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "pthread_create"));
    return threads_to_give.fetch_sub(1) > 0 ? real(thread, how, run, arg) : EAGAIN;
}
