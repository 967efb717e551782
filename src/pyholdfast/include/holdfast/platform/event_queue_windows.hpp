// holdfast/platform/event_queue_windows.hpp: event_queue.hpp for Windows.
#pragma once

#if defined(_WIN32)

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <system_error>
#include <vector>

#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/windows_processes.hpp>

namespace holdfast::detail {

/// Owns:       a completion port. For each handle, the system's threads wait, and post to it.
/// Threads:    one waits; any may call the other members.
/// Lock order: `mutex_` is a leaf.
class event_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// \throws std::system_error  with `what`: the system has no memory for it.
    explicit event_queue(const char *what)
        : port_(CreateIoCompletionPort(invalid_handle(), nullptr, 0, 1)) {
        if (!port_)
            throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), what);
    }
    event_queue(const event_queue &) = delete;
    event_queue &operator=(const event_queue &) = delete;
    ~event_queue() {
        for (const std::unique_ptr<watched> &one : all_)
            stop(*one);
    }

    /// Reports `id`, at most `largest_id`, each time that the event is set. An error: never.
    [[nodiscard]] std::error_code watch(system_handle event, std::uint64_t id) {
        return add(event, id, 0);
    }
    /// Reports `id` once it ends. An error: never.
    [[nodiscard]] std::error_code watch_process(system_handle process, std::uint64_t id) {
        constexpr unsigned long only_once = 8;  // WT_EXECUTEONLYONCE
        return add(process, id, only_once);
    }
    void forget(system_handle handle) noexcept {
        std::unique_ptr<watched> found;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            const auto at = std::find_if(all_.begin(), all_.end(),
                                         [&](const auto &one) { return one->handle == handle; });
            if (at == all_.end())
                return;
            found = std::move(*at);
            all_.erase(at);
        }
        stop(*found);
    }

    /// Calls `handle` with the id of each event. Waits for one if `block`, or until the time of
    /// set_timer() or a call of wake().
    template <class Handle>
    void wait(bool block, Handle &&handle) {
        constexpr int most = 32;
        for (int count = 0; count < most;) {
            unsigned long unused = 0;
            unsigned long long id = 0;
            _OVERLAPPED *none = nullptr;
            if (GetQueuedCompletionStatus(port_.get(), &unused, &id, &none,
                                          block && count == 0 ? time_left() : 0) == 0) {
                if (count != 0 || !block || is_due())
                    return;
                continue;  // the system's clock is coarser
            }
            ++count;
            if (id <= largest_id)
                handle(std::uint64_t{id});
        }
    }

    void wake() noexcept { PostQueuedCompletionStatus(port_.get(), 0, of_wake, nullptr); }

    void set_timer(time_point due) noexcept {
        due_.store(due.time_since_epoch().count());
        wake();  // so that it waits until then
    }

    /// Before another look at what comes at a high rate. A sleep takes a millisecond at least.
    static void pause() noexcept { SwitchToThread(); }

    static constexpr std::uint64_t largest_id = ~std::uint64_t{0} - 2;

private:
    struct watched {
        void *port;
        void *handle;
        std::uint64_t id;
        void *wait = nullptr;
    };
    static constexpr std::uint64_t of_wake = largest_id + 1;
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    static void __stdcall post(void *context, unsigned char) {
        const auto &one = *static_cast<const watched *>(context);
        PostQueuedCompletionStatus(one.port, 0, one.id, nullptr);
    }

    std::error_code add(void *handle, std::uint64_t id, unsigned long flags) {
        constexpr unsigned long in_wait_thread = 4;  // WT_EXECUTEINWAITTHREAD: post() is short
        const std::lock_guard<std::mutex> hold(mutex_);
        all_.push_back(std::make_unique<watched>(watched{port_.get(), handle, id}));
        watched &made = *all_.back();
        if (RegisterWaitForSingleObject(&made.wait, handle, post, &made, for_ever,
                                        flags | in_wait_thread) != 0)
            return {};
        const std::error_code problem(static_cast<int>(GetLastError()), std::system_category());
        all_.pop_back();
        return problem;
    }
    /// Returns once post() is not running for it.
    static void stop(const watched &one) noexcept { UnregisterWaitEx(one.wait, invalid_handle()); }

    [[nodiscard]] unsigned long time_left() const noexcept {
        const std::int64_t due = due_.load();
        if (due == never)
            return for_ever;
        constexpr std::int64_t most = 1000000000;  // milliseconds
        const std::chrono::steady_clock::duration left(
            due - std::chrono::steady_clock::now().time_since_epoch().count());
        const std::int64_t ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
        return static_cast<unsigned long>(std::clamp<std::int64_t>(ms, 0, most));
    }
    [[nodiscard]] bool is_due() noexcept {
        std::int64_t due = due_.load();
        return due <= std::chrono::steady_clock::now().time_since_epoch().count() &&
               due_.compare_exchange_strong(due, never);
    }

    file_handle port_;
    std::atomic<std::int64_t> due_{never};
    std::mutex mutex_;
    std::vector<std::unique_ptr<watched>> all_;  // guarded by mutex_
};

}  // namespace holdfast::detail

#endif
