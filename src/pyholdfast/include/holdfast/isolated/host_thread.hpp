// holdfast/isolated/host_thread.hpp: a thread that calls functions of the host, one after the other.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <holdfast/platform/child_process.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pools/worker_group.hpp>

namespace holdfast::detail {

/// Owns:       the thread.
/// Threads:    any; start() and end() one at a time.
/// Lock order: `mutex_` is a leaf, and not held during a call.
class host_thread {
public:
    /// Starts it, unless it runs. \param owner  of this; it lives until the thread has ended.
    /// \throws std::system_error
    void start(const char *name, std::shared_ptr<const void> owner) {
        if (!thread_.joinable())
            thread_ = start_quiet_thread(name, [this, kept = std::move(owner)] { run(); });
    }

    void call(std::function<void()> what) {
        const std::lock_guard<std::mutex> hold(mutex_);
        calls_.push_back(std::move(what));
        changed_.notify_one();
    }

    [[nodiscard]] bool is_this_thread() const noexcept {
        return thread_.get_id() == std::this_thread::get_id();
    }

    /// Returns after the last call. On the thread itself: it ends after this call, and those that
    /// have not begun are dropped, because the host may destroy what they use.
    void end() noexcept {
        const cancellation_held_off until_ended;
        std::deque<std::function<void()>> dropped;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            ends_ = true;
            if (is_this_thread())
                dropped.swap(calls_);
            changed_.notify_one();
        }
        if (is_this_thread())
            thread_.detach();
        else if (thread_.joinable())
            thread_.join();
    }

    /// After a fork, in the child.
    void forget() noexcept { forget_in_child(thread_); }

private:
    void run() {
        std::unique_lock<std::mutex> hold(mutex_);
        for (;;) {
            changed_.wait(hold, [this] { return ends_ || !calls_.empty(); });
            if (calls_.empty())
                return;
            {
                const std::function<void()> next = std::move(calls_.front());
                calls_.pop_front();
                hold.unlock();
                next();
            }
            hold.lock();
        }
    }

    std::mutex mutex_;  // guards all below, except the thread
    std::condition_variable changed_;
    std::deque<std::function<void()>> calls_;
    bool ends_ = false;
    std::thread thread_;
};

}  // namespace holdfast::detail
