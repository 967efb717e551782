// holdfast/platform/condition.hpp: a condition variable that a forked child can renew.
//
// <condition_variable> is one of the slowest standard headers to compile, and every host that
// attaches would include it. Besides, its variable cannot be renewed, and the ThreadSanitizer of
// GCC 12 does not see its timed wait.
#pragma once

#include <chrono>
#include <new>

#if defined(_WIN32)
#include <condition_variable>
#else
#include <ctime>

#include <pthread.h>
#endif

#include <holdfast/platform/plain_mutex.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
/// Read while this library is loaded: at the first reading of this clock, winpthreads looks a function
/// up, for which it takes the loader's lock. A timed wait reads the clock under the gate's mutex, and
/// a thread that ends has the loader's lock when it takes that mutex.
inline const std::chrono::system_clock::time_point clock_is_known =
    std::chrono::system_clock::now();

/// Replaces std::condition_variable on systems that fork; here nothing has to be renewed.
///
/// Owns:    a condition variable.
/// Threads: any; a waiting thread holds the mutex.
class condition {
public:
    void notify_all() noexcept { inner_.notify_all(); }

    template <class Ready>
    void wait(mutex_hold &hold, Ready &&ready) {
        while (!ready())
            inner_.wait(hold);
    }

    /// \return ready(): true, or false once the deadline has passed.
    template <class Ready>
    bool wait_until(mutex_hold &hold, std::chrono::steady_clock::time_point deadline,
                    Ready &&ready) {
        while (!ready()) {
            const auto left = deadline - std::chrono::steady_clock::now();
            if (left <= left.zero())
                return ready();
            // In short parts: some C++ libraries wait by the wall clock, which may be set back, and
            // overflow when they add a long time to it.
            constexpr std::chrono::minutes part{1};
            if (left < part)
                inner_.wait_for(hold, left);
            else
                inner_.wait_for(hold, part);
        }
        return true;
    }

private:
    std::condition_variable inner_;
};
#else

/// Replaces std::condition_variable for plain_mutex, as far as a gate needs it.
///
/// Owns:    a pthread condition that uses the steady clock.
/// Threads: any; a waiting thread holds the mutex.
class condition {
public:
    condition() noexcept { make(); }
    condition(const condition &) = delete;
    condition &operator=(const condition &) = delete;
    ~condition() { pthread_cond_destroy(&inner_); }

    void notify_all() noexcept { pthread_cond_broadcast(&inner_); }

    template <class Ready>
    void wait(mutex_hold &hold, Ready &&ready) {
        while (!ready())
            pthread_cond_wait(&inner_, hold.mutex()->native_handle());
    }

    /// \return ready(): true, or false once the deadline has passed.
    template <class Ready>
    bool wait_until(mutex_hold &hold, std::chrono::steady_clock::time_point deadline,
                    Ready &&ready) {
#if defined(__APPLE__)
        while (!ready())
            if (!wait_for(hold, deadline - std::chrono::steady_clock::now()))
                return ready();
#else
        const std::timespec until = at(deadline);
        while (!ready())
            if (pthread_cond_timedwait(&inner_, hold.mutex()->native_handle(), &until) != 0)
                return ready();
#endif
        return true;
    }

    /// For a forked child. The variable remembers the parent's waiting threads, and they would
    /// swallow the child's wake-ups. It is not destroyed first, because that would wait for those
    /// threads.
    void renew() noexcept { make(); }

private:
    void make() noexcept {
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
#if !defined(__APPLE__)
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
#endif
        new (&inner_) pthread_cond_t;
        pthread_cond_init(&inner_, &steady);
        pthread_condattr_destroy(&steady);
    }

#if defined(__APPLE__)
    /// That system's conditions take no clock, but a time to wait. False: it has passed.
    bool wait_for(mutex_hold &hold, std::chrono::steady_clock::duration left) noexcept {
        if (left <= left.zero())
            return false;
        const std::timespec span = at(std::chrono::steady_clock::time_point(left));
        return pthread_cond_timedwait_relative_np(&inner_, hold.mutex()->native_handle(), &span) ==
               0;
    }
#endif

    static std::timespec at(std::chrono::steady_clock::time_point time) noexcept {
        using namespace std::chrono;
        const auto since = time.time_since_epoch();
        const auto whole = duration_cast<seconds>(since);
        std::timespec result{};
        result.tv_sec = static_cast<std::time_t>(whole.count());
        result.tv_nsec = static_cast<long>(duration_cast<nanoseconds>(since - whole).count());
        return result;
    }

    pthread_cond_t inner_;
};
#endif

}  // namespace holdfast::detail
