// holdfast/platform/event_queue.hpp: one thread waits for many descriptors, a time, and a call.
//
// For Linux and Windows; empty elsewhere.
#pragma once

#if defined(_WIN32)

#include <holdfast/platform/event_queue_windows.hpp>

#elif defined(__linux__)

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// Owns:    an epoll, a timer, and what wake() needs.
/// Threads: one waits; any may call the other members.
class event_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// \throws std::system_error  with `what`: there are no descriptors.
    explicit event_queue(const char *what)
        : epoll_(epoll_create1(EPOLL_CLOEXEC)),
          wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
        if (!epoll_ || !wake_ || !timer_)
            throw std::system_error(errno, std::generic_category(), what);
        for (const auto &[descriptor, id] :
             {std::pair(wake_.get(), of_wake), std::pair(timer_.get(), of_timer)})
            if (const std::error_code problem = add(descriptor, id, EPOLLIN))
                throw std::system_error(problem, what);
    }

    /// Reports `id`, at most `largest_id`, each time that something arrives there. An error: never.
    [[nodiscard]] std::error_code watch(int descriptor, std::uint64_t id) noexcept {
        return add(descriptor, id, EPOLLIN | EPOLLET);
    }
    /// Reports `id` once it ends. An error: never.
    [[nodiscard]] std::error_code watch_process(int descriptor, std::uint64_t id) noexcept {
        return watch(descriptor, id);
    }
    void forget(int descriptor) noexcept {
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    }

    /// Calls `handle` with the id of each event. Waits for one if `block`, or until the time of
    /// set_timer() or a call of wake().
    template <class Handle>
    void wait(bool block, Handle &&handle) {
        epoll_event events[32];
        const int count = epoll_wait(epoll_.get(), events, 32, block ? -1 : 0);
        for (int i = 0; i < count; ++i)
            if (events[i].data.u64 <= largest_id)
                handle(events[i].data.u64);
            else
                clear(events[i].data.u64 == of_wake ? wake_.get() : timer_.get());
    }

    void wake() noexcept {
        const cancellation_held_off until_written;
        const std::uint64_t one = 1;
        (void)!::write(wake_.get(), &one, sizeof one);
    }

    void set_timer(time_point due) noexcept {
        const std::int64_t ns =
            std::chrono::duration_cast<std::chrono::nanoseconds>(due.time_since_epoch()).count();
        itimerspec spec{};
        spec.it_value.tv_sec = static_cast<time_t>(ns / 1000000000);
        spec.it_value.tv_nsec = static_cast<long>(ns > 0 ? ns % 1000000000 : 1);
        timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
    }

    /// Before another look at what comes at a high rate.
    static void pause() noexcept { std::this_thread::sleep_for(std::chrono::microseconds(40)); }

    static constexpr std::uint64_t largest_id = ~std::uint64_t{0} - 2;

private:
    static constexpr std::uint64_t of_wake = largest_id + 1;
    static constexpr std::uint64_t of_timer = largest_id + 2;

    std::error_code add(int descriptor, std::uint64_t id, std::uint32_t events) noexcept {
        epoll_event event{};
        event.events = events;
        event.data.u64 = id;
        return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0
                   ? std::error_code()
                   : std::error_code(errno, std::generic_category());
    }
    static void clear(int descriptor) noexcept {
        std::uint64_t times = 0;
        (void)!::read(descriptor, &times, sizeof times);
    }

    file_handle epoll_;
    file_handle wake_;
    file_handle timer_;
};

}  // namespace holdfast::detail

#endif
