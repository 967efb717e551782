// holdfast/platform/condition.hpp: a condition variable that a forked child can renew.
//
// <condition_variable> is one of the slowest standard headers to compile, and every host that
// attaches would include it. Besides, its variable cannot be renewed, and the ThreadSanitizer of
// GCC 12 does not see its timed wait.
#pragma once

#include <chrono>
#include <ctime>
#include <mutex>
#include <new>

#include <pthread.h>

namespace holdfast::detail {

/// Replaces std::condition_variable for std::mutex, as far as a gate needs it.
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
    void wait(std::unique_lock<std::mutex> &hold, Ready &&ready) {
        while (!ready())
            pthread_cond_wait(&inner_, hold.mutex()->native_handle());
    }

    /// \return ready(): true, or false once the deadline has passed.
    template <class Ready>
    bool wait_until(std::unique_lock<std::mutex> &hold,
                    std::chrono::steady_clock::time_point deadline, Ready &&ready) {
        const std::timespec until = at(deadline);
        while (!ready())
            if (pthread_cond_timedwait(&inner_, hold.mutex()->native_handle(), &until) != 0)
                return ready();
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
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        new (&inner_) pthread_cond_t;
        pthread_cond_init(&inner_, &steady);
        pthread_condattr_destroy(&steady);
    }

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

}  // namespace holdfast::detail
