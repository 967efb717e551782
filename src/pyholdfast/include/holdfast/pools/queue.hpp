// holdfast/pools/queue.hpp: a bounded queue, and who works on what was in it.
//
// Must not include <Python.h>: tests/tsan runs it bare.
//
// A mutex, three condition variables and a deque. What is not plain is who is woken, and the
// keeper.
//
// Who is woken. A worker that was woken must attach before it takes anything; with a GIL it may
// wait for that as long as another worker goes on. Waking one worker per item would let all of them
// queue up for the GIL, and find nothing when they have it. So at most `arrivals` workers are on
// their way at a time. A worker that has arrived takes its first item and, if more are left, wakes
// the next. Whenever there are items and sleepers, then, either somebody is on the way, or whoever
// arrived last has seen the items and woken one: no item waits for a sleeper that nobody wakes.
//
// The keeper. The first push into an idle queue calls `first()`, and the last worker that leaves an
// empty one calls `last()`, both under the mutex: never two in a row of a kind, and nothing is in
// the queue, and no worker at work, but between the two. An executor takes and drops its
// interpreter_guard there.
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
    refused,  // `first()` said no
};

/// Items between those who push and the workers who take.
///
/// Owns:       the items. A push that was not `pushed` leaves the item with its caller.
/// Threads:    every member may be called from any thread; finish() by whoever start() let in. Lock
///             order: `mutex_` is taken before a gate's mutex (in `first` and `last`), after that
///             of an interpreter's children. No Python call runs under it, no item is destroyed
///             under it, and it is never held while anybody waits: an attached thread may take it.
template <class Item>
class bounded_queue {
public:
    /// \param capacity  at least 1.
    /// \param arrivals  how many workers may be on their way to attach at a time, at least 1.
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

    /// Waits for room. The caller is detached, and no worker of this queue.
    template <class First>
    [[nodiscard]] push_outcome push(Item &item, First &&first) {
        std::unique_lock<std::mutex> hold(mutex_);
        ++waiting_for_room_;
        room_.wait(hold, [this] { return closed_ || items_.size() < capacity_; });
        --waiting_for_room_;
        return add(hold, item, first);
    }

    /// Adds an item in any case; where the queue was full, its oldest item goes.
    /// \param oldest  what was taken out; left alone where nothing was.
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

    /// Sleeps, detached, until there is something to do; then the caller is a worker, until
    /// finish().
    /// \return false once the queue is closed and empty: nothing will ever come.
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
                --on_their_way_;  // if others have left nothing, it goes no further
            }
        }
        ++on_their_way_;
        ++workers_;
        return true;
    }

    /// The first take of a worker: it has arrived. May find nothing: others were quicker.
    [[nodiscard]] bool arrive(Item &item) {
        std::unique_lock<std::mutex> hold(mutex_);
        --on_their_way_;
        return take(hold, item);
    }

    /// The next item for a worker, if there is one.
    [[nodiscard]] bool try_take(Item &item) {
        std::unique_lock<std::mutex> hold(mutex_);
        return take(hold, item);
    }

    /// The worker has done all that it took, and goes.
    template <class Last>
    void finish(Last &&last) {
        std::unique_lock<std::mutex> hold(mutex_);
        --workers_;
        settle(last);
    }

    /// Refuses further pushes; what is in it is still to be taken.
    void close() {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            closed_ = true;
        }
        work_.notify_all();
        room_.notify_all();
    }

    /// Something that nobody has taken: for when no worker is left to do it. Asks for no memory.
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

    /// Waits, detached, until nothing is in it and nobody works.
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

    /// Whether `is(item)` for any that nobody has taken. `is` runs under the mutex.
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

    /// Sends a worker on its way, if there is a sleeper and nobody else is. Unlocks.
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
    std::condition_variable idle_;  // nothing in it, nobody at work
    std::deque<Item> items_;
    std::size_t workers_ = 0;           // let in by start(), and not yet gone by finish()
    std::size_t on_their_way_ = 0;      // with a ticket, or let in and not yet arrived
    std::size_t asleep_ = 0;            // in start()
    std::size_t tickets_ = 0;           // wake-ups that no sleeper has taken yet
    std::size_t waiting_for_room_ = 0;  // in push()
    bool closed_ = false;
};

}  // namespace holdfast::detail
