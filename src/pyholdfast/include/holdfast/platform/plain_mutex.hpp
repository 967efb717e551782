// holdfast/platform/plain_mutex.hpp: a mutex for the headers that every host includes.
//
// <mutex> includes <system_error> and <string>. Compiling them takes a third as long as compiling
// <Python.h> and <thread>, and a host that attaches names neither.
#pragma once

#if defined(_WIN32)
#include <mutex>
#else
#include <pthread.h>
#endif

namespace holdfast::detail {

#if defined(_WIN32)
using plain_mutex = std::mutex;
using mutex_hold = std::unique_lock<std::mutex>;
#else

/// Replaces std::mutex. Like that one, it needs no destructor on Linux, and may be initialised before
/// any code runs.
///
/// Owns:    a pthread mutex of the default kind.
/// Threads: any.
class plain_mutex {
public:
    constexpr plain_mutex() noexcept = default;
    plain_mutex(const plain_mutex &) = delete;
    plain_mutex &operator=(const plain_mutex &) = delete;

    void lock() noexcept { pthread_mutex_lock(&inner_); }
    void unlock() noexcept { pthread_mutex_unlock(&inner_); }
    [[nodiscard]] pthread_mutex_t *native_handle() noexcept { return &inner_; }

private:
    pthread_mutex_t inner_ = PTHREAD_MUTEX_INITIALIZER;
};

/// Holds a plain_mutex for its lifetime; replaces std::lock_guard, and std::unique_lock for a
/// `condition`.
class mutex_hold {
public:
    explicit mutex_hold(plain_mutex &mutex) noexcept : mutex_(&mutex) { mutex.lock(); }
    mutex_hold(const mutex_hold &) = delete;
    mutex_hold &operator=(const mutex_hold &) = delete;
    ~mutex_hold() { mutex_->unlock(); }

    [[nodiscard]] plain_mutex *mutex() const noexcept { return mutex_; }

private:
    plain_mutex *const mutex_;
};
#endif

}  // namespace holdfast::detail
