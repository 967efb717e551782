// holdfast/pools/queue.hpp: a bounded queue, and the workers that take items from it.
//
// Must not include <Python.h>: tests/tsan runs it bare.
//
// It is a mutex, three condition variables and a deque. Two parts are less simple: which worker to
// wake, and the keeper.
//
// Which worker to wake. A woken worker must attach before it takes an item; with a GIL that can
// take as long as another worker runs. If each item woke a worker, all workers would queue for the
// GIL and then find nothing. So at most `arrivals` workers are on their way at a time. A worker
// that has arrived takes its first item and, if more are left, wakes the next. So if there are
// items and sleepers, either a worker is on its way, or the last one to arrive has seen the items
// and woken another: no item waits for a sleeper that nobody wakes.
//
// The keeper. The first push into an idle queue calls `first()`, and the last worker that leaves an
// empty queue calls `last()`, both under the mutex. The two calls alternate, and the queue has
// items, or workers at work, only between them. An executor takes its interpreter_guard in the
// first and drops it in the second.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace holdfast::detail {

enum class push_outcome : unsigned char {
    pushed,
    full,     // at capacity, and the caller did not want to wait
    closed,   // close() was called
    refused,  // `first()` returned false
};

/// Items between the threads that push and the workers that take.
///
/// Owns:       the items. Unless the outcome is `pushed`, the item stays with its caller.
/// Threads:    any member from any thread; finish() only from a worker that start() admitted.
/// Lock order: `mutex_` is taken before a gate's mutex (in `first` and `last`), and after the mutex
///             of an interpreter's children. No Python call runs under it, no item is destroyed
///             under it, and no thread waits while holding it: an attached thread may take it.
template <class Item>
class bounded_queue {
public:
    /// \param capacity  at least 1.
    /// \param arrivals  how many workers may be on their way to attach at the same time, at least
    ///                  1.
    bounded_queue(std::size_t capacity, std::size_t arrivals)
        : capacity_(capacity), arrivals_(arrivals) {}
    bounded_queue(const bounded_queue &) = delete;
    bounded_queue &operator=(const bounded_queue &) = delete;

    /// Adds an item if there is room.
    template <class First>
    [[nodiscard]] push_outcome try_push(Item &item, First &&first) {
        std::unique_lock<std::mutex> hold(mutex_);
        return add(hold, item, first);
    }

    /// Waits for room. The caller must be detached, and must not be a worker of this queue.
    template <class First>
    [[nodiscard]] push_outcome push(Item &item, First &&first) {
        std::unique_lock<std::mutex> hold(mutex_);
        ++waiting_for_room_;
        room_.wait(hold, [this] { return closed_ || items_.size() < capacity_; });
        --waiting_for_room_;
        return add(hold, item, first);
    }

    /// Always adds the item; if the queue is full, removes its oldest item.
    /// \param oldest  receives the removed item; unchanged if there is none.
    template <class First>
    [[nodiscard]] push_outcome push_out(Item &item, Item &oldest, First &&first) {
        std::unique_lock<std::mutex> hold(mutex_);
        if (closed_ || items_.size() < capacity_)
            return add(hold, item, first);
        items_.push_back(std::move(item));
        oldest = std::move(items_.front());
        items_.pop_front();
        wake_one(hold);
        return push_outcome::pushed;
    }

    /// Sleeps, detached, until there is work; then the caller is a worker, until finish().
    /// \return false once the queue is closed and empty: no more work will come.
    [[nodiscard]] bool start() {
        std::unique_lock<std::mutex> hold(mutex_);
        for (bool woken = false;; woken = true) {
            if (!items_.empty() && (woken || closed_ || on_their_way_ < arrivals_))
                break;
            if (closed_ && items_.empty())
                return false;
            ++asleep_;
            work_.wait(hold, [this] { return tickets_ > 0 || closed_; });
            --asleep_;
            if (tickets_ > 0) {
                --tickets_;
                --on_their_way_;  // if others have left nothing, this worker sleeps again
            }
        }
        ++on_their_way_;
        ++workers_;
        return true;
    }

    /// A worker's first take: it has arrived. May find nothing, if others were faster.
    [[nodiscard]] bool arrive(Item &item) {
        std::unique_lock<std::mutex> hold(mutex_);
        --on_their_way_;
        return take(hold, item);
    }

    /// For a worker that start() admitted, and that ends before it has arrived.
    void turn_back() noexcept {
        std::unique_lock<std::mutex> hold(mutex_);
        --on_their_way_;
        if (items_.empty())
            return;
        wake_one(hold);
    }

    /// The next item for a worker, if there is one.
    [[nodiscard]] bool try_take(Item &item) {
        std::unique_lock<std::mutex> hold(mutex_);
        return take(hold, item);
    }

    /// The worker has finished everything that it took, and leaves.
    template <class Last>
    void finish(Last &&last) {
        std::unique_lock<std::mutex> hold(mutex_);
        --workers_;
        settle(last);
    }

    /// Refuses further pushes; workers still take the items in the queue.
    void close() {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            closed_ = true;
        }
        work_.notify_all();
        room_.notify_all();
    }

    /// Takes an item that no worker took: for when no worker is left. Does not allocate memory.
    template <class Last>
    [[nodiscard]] bool take_left(Item &item, Last &&last) {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (items_.empty())
            return false;
        item = std::move(items_.front());
        items_.pop_front();
        settle(last);
        return true;
    }

    /// Waits, detached, until the queue is empty and no worker is at work.
    /// \return false at the deadline.
    [[nodiscard]] bool wait_idle(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock<std::mutex> hold(mutex_);
        const auto is_idle = [this] { return idle(); };
        if (deadline == std::chrono::steady_clock::time_point::max()) {
            idle_.wait(hold, is_idle);
            return true;
        }
        return idle_.wait_until(hold, deadline, is_idle);
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard<std::mutex> hold(mutex_);
        return items_.size();
    }

    /// Whether `is(item)` holds for any item in the queue. `is` runs under the mutex.
    template <class Is>
    [[nodiscard]] bool has(Is &&is) const {
        const std::lock_guard<std::mutex> hold(mutex_);
        for (const Item &item : items_)
            if (is(item))
                return true;
        return false;
    }

private:
    [[nodiscard]] bool idle() const noexcept { return items_.empty() && workers_ == 0; }

    template <class First>
    push_outcome add(std::unique_lock<std::mutex> &hold, Item &item, First &first) {
        if (closed_)
            return push_outcome::closed;
        if (items_.size() >= capacity_)
            return push_outcome::full;
        const bool was_idle = idle();
        items_.push_back(std::move(item));
        if (was_idle && !first()) {
            item = std::move(items_.back());
            items_.pop_back();
            return push_outcome::refused;
        }
        wake_one(hold);
        return push_outcome::pushed;
    }

    bool take(std::unique_lock<std::mutex> &hold, Item &item) {
        if (items_.empty())
            return false;
        item = std::move(items_.front());
        items_.pop_front();
        const bool wanted = waiting_for_room_ > 0;
        if (!items_.empty())
            wake_one(hold);
        else
            hold.unlock();
        if (wanted)
            room_.notify_one();
        return true;
    }

    /// Sends a worker on its way, if one sleeps and fewer than `arrivals` are on their way.
    /// Unlocks.
    void wake_one(std::unique_lock<std::mutex> &hold) {
        const bool wake = asleep_ > tickets_ && on_their_way_ < arrivals_;
        if (wake) {
            ++tickets_;
            ++on_their_way_;
        }
        hold.unlock();
        if (wake)
            work_.notify_one();
    }

    template <class Last>
    void settle(Last &last) {
        if (!idle())
            return;
        last();
        idle_.notify_all();
    }

    const std::size_t capacity_;
    const std::size_t arrivals_;
    mutable std::mutex mutex_;      // guards all below
    std::condition_variable work_;  // tickets_, or closed
    std::condition_variable room_;  // less than capacity, or closed
    std::condition_variable idle_;  // empty, and no worker at work
    std::deque<Item> items_;
    std::size_t workers_ = 0;           // admitted by start(), and not yet finished
    std::size_t on_their_way_ = 0;      // with a ticket, or admitted and not yet arrived
    std::size_t asleep_ = 0;            // in start()
    std::size_t tickets_ = 0;           // wake-ups that no sleeper has taken yet
    std::size_t waiting_for_room_ = 0;  // in push()
    bool closed_ = false;
};

}  // namespace holdfast::detail
