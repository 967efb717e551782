// holdfast/attach/task_waits.hpp: detects pool tasks that wait for each other for ever.
//
// Must not include <Python.h> or <future>: every host that waits includes this.
//
// What it detects
// ---------------
// In the middle of a task, a pool's thread can wait in get(), drain() or submit(): for a result,
// for a pool to become idle, or for room in a queue. It is listed here during that wait. A set of
// listed threads is stuck if each of them waits for
//   - the result of a task that a thread of the set is running, or of one that is queued in a pool
//     whose threads are all in the set;
//   - the idleness of a pool that has a thread in the set;
//   - room in the queue of a pool whose threads are all in the set.
// None of its threads can be the first to continue, so the set waits for ever. A thread that is
// about to complete such a set is refused instead, and so can continue.
//
// Why there are no false alarms: a thread counts as able to continue unless it is known to be
// stuck. A wait that is not ours, or for something else, or with a limit, is not listed. A task
// that has a cancellation, or waits in a queue that drops its oldest task, may be settled by other
// threads, and is ignored.
//
// Why the observation is reliable: a thread of the set is blocked, or about to block, from the
// moment it is listed. It cannot take or end a task meanwhile, so "all threads of the pool are in
// the set, and the task is queued" stays true once it is. A thread whose wait has just ended, and
// which is still listed, waits for a task that is settled: it matches none of the three cases, and
// correctly counts as able to continue.
#pragma once

#include <cstddef>
#include <cstring>
#include <mutex>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/fork_local.hpp>

namespace holdfast::detail {

/// Identifies the state that a future shares with its promise: the address in its first word, in
/// libstdc++ and libc++. Compare it only with the address of a future whose promise is alive: no
/// other state can have that address.
template <class Future>
const void *shared_state_of(const Future &future) noexcept {
    const void *state = nullptr;
    if constexpr (sizeof(Future) >= sizeof state)
        std::memcpy(&state, static_cast<const void *>(&future), sizeof state);
    return state;
}

/// A task, as seen by the threads that wait for its result.
class awaited_task {
public:
    /// Whether this task's end will make the future ready, and the task has not ended.
    [[nodiscard]] virtual bool will_settle(const void *shared_state) const noexcept = 0;

protected:
    ~awaited_task() = default;
};

/// A pool, as seen by the threads that wait for it.
class awaited_pool {
public:
    [[nodiscard]] virtual const char *pool_name() const noexcept = 0;
    [[nodiscard]] virtual std::size_t threads_left() const noexcept = 0;
    /// Whether a queued task will settle it, and only a thread of the pool can end that task.
    [[nodiscard]] virtual bool has_queued(const void *shared_state) const = 0;

protected:
    ~awaited_pool() = default;
};

/// The thing that a task waits for.
struct task_wait {
    enum class what : unsigned char { result, idle, room };

    what kind;
    const void *shared_state;  // for a result
    const awaited_pool *pool;  // for the other kinds
};

/// A pool's thread, and the task that it is running.
///
/// Owns:    nothing.
/// Threads: its own. While it is listed, other threads read it under the list's mutex.
struct pool_seat {
    explicit pool_seat(const awaited_pool &its) noexcept : pool(its) {}

    const awaited_pool &pool;
    const awaited_task *task = nullptr;
    task_wait wait{};
    bool can_go_on = false;  // this, next and prev: guarded by the list's mutex
    pool_seat *next = nullptr;
    pool_seat *prev = nullptr;
};

/// The calling thread's seat, if it belongs to a pool.
HOLDFAST_DETAIL_PRIVATE inline thread_local pool_seat *seat_of_this_thread = nullptr;

/// The pool threads that wait in the middle of a task.
///
/// A forked child makes its own list, because the threads in its parent's do not exist there. Each
/// separately built library has its own list, and knows its own pools.
///
/// Lock order: `mutex_`, then a queue's.
class task_waits : public of_one_process {
public:
    static task_waits &get() { return of_this_process<task_waits>(); }

    /// Lists the thread; false if it could then never continue.
    [[nodiscard]] HOLDFAST_DETAIL_COLD bool begin(pool_seat &seat, const task_wait &wait) {
        const std::lock_guard<std::mutex> hold(mutex_);
        seat.wait = wait;
        seat.prev = nullptr;
        seat.next = first_;
        if (first_ != nullptr)
            first_->prev = &seat;
        first_ = &seat;
        if (!is_stuck_locked(seat))
            return true;
        unlist_locked(seat);
        return false;
    }

    HOLDFAST_DETAIL_COLD void end(pool_seat &seat) noexcept {
        const std::lock_guard<std::mutex> hold(mutex_);
        unlist_locked(seat);
    }

private:
    friend task_waits &of_this_process<task_waits>();
    task_waits() = default;

    /// The set begins with all listed threads. Removes each thread that can continue, until no
    /// other can.
    bool is_stuck_locked(const pool_seat &newcomer) const {
        for (pool_seat *seat = first_; seat != nullptr; seat = seat->next)
            seat->can_go_on = false;
        for (bool found = true; found;) {
            found = false;
            for (pool_seat *seat = first_; seat != nullptr; seat = seat->next) {
                if (seat->can_go_on || needs_the_set_locked(seat->wait))
                    continue;
                if (seat == &newcomer)
                    return false;
                seat->can_go_on = found = true;
            }
        }
        return true;
    }

    [[nodiscard]] bool needs_the_set_locked(const task_wait &wait) const {
        if (wait.kind == task_wait::what::room)
            return is_all_in_locked(*wait.pool);
        for (const pool_seat *seat = first_; seat != nullptr; seat = seat->next) {
            if (seat->can_go_on)
                continue;
            if (wait.kind == task_wait::what::idle
                    ? &seat->pool == wait.pool
                    : seat->task != nullptr && seat->task->will_settle(wait.shared_state))
                return true;
        }
        if (wait.kind == task_wait::what::idle)
            return false;
        for (const pool_seat *seat = first_; seat != nullptr; seat = seat->next)
            if (is_all_in_locked(seat->pool) && seat->pool.has_queued(wait.shared_state))
                return true;
        return false;
    }

    [[nodiscard]] bool is_all_in_locked(const awaited_pool &pool) const {
        std::size_t in = 0;
        for (const pool_seat *seat = first_; seat != nullptr; seat = seat->next)
            in += !seat->can_go_on && &seat->pool == &pool ? 1U : 0U;
        return in != 0 && in == pool.threads_left();
    }

    void unlist_locked(pool_seat &seat) noexcept {
        (seat.prev != nullptr ? seat.prev->next : first_) = seat.next;
        if (seat.next != nullptr)
            seat.next->prev = seat.prev;
    }

    std::mutex mutex_;
    pool_seat *first_ = nullptr;  // guarded by mutex_
};

[[noreturn]] void refuse_to_wait_in_a_circle(const pool_seat &seat, const char *what);

/// Lists the thread during a wait; does nothing on a thread that belongs to no pool.
class listed_wait {
public:
    /// \throws usage_error  HF305 the wait would never end.
    listed_wait(const char *what, const task_wait &wait) : seat_(seat_of_this_thread) {
        if (seat_ == nullptr || seat_->task == nullptr)
            seat_ = nullptr;
        else if (!task_waits::get().begin(*seat_, wait))
            refuse_to_wait_in_a_circle(*seat_, what);
    }
    listed_wait(const listed_wait &) = delete;
    listed_wait &operator=(const listed_wait &) = delete;
    ~listed_wait() {
        if (seat_ != nullptr)
            task_waits::get().end(*seat_);
    }

private:
    pool_seat *seat_;
};

}  // namespace holdfast::detail
