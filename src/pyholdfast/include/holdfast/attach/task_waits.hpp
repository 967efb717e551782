// holdfast/attach/task_waits.hpp: tasks of pools that wait for tasks of pools, and whether any of
// them can go on.
//
// Must not include <Python.h>, nor <future>: every host that waits includes this.
//
// What is found ------------- A pool's thread waits, in the middle of a task, by get(), drain() or
// submit(): for a result, for a pool that has nothing to do, for room in a queue. It is listed here
// for that time. A set of listed threads is stuck if each of them waits for
//   - the result of a task that a thread of the set is at, or of one that is queued in a pool whose
//     threads are all in the set;
//   - the idleness of a pool that has a thread in the set;
//   - room in the queue of a pool whose threads are all in the set. None of its threads can be the
//     first to go on, so it waits for ever. Whoever is about to complete such a set is refused
//     instead, and is thereby free to go on.
//
// Why there is no false alarm: whatever is not known to be so counts as able to go on. A wait that
// is not ours, or for something else, or with a limit, is not listed. A task that was given a
// cancellation, or that waits in a queue that drops its oldest, may be settled by others, and is
// not looked at.
//
// Why the look sees what is so: a thread of the set is blocked, or about to block, from the moment
// it was listed. It cannot take a task or end one meanwhile, so that "all threads of the pool are
// in the set, and the task is queued" stays true once it is. A thread whose wait has just ended,
// and which is still listed, waits for a task that is settled: it fits none of the three lines, and
// is taken for what it is, able to go on.
#pragma once

#include <cstddef>
#include <cstring>
#include <mutex>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/per_process.hpp>

namespace holdfast::detail {

/// Names what a future shares with its promise: the address in its first word, in libstdc++ and
/// libc++. Only to be compared with that of a future whose promise lives: nothing else is at that
/// address.
template <class Future>
const void *shared_state_of(const Future &future) noexcept {
    const void *state = nullptr;
    if constexpr (sizeof(Future) >= sizeof state)
        std::memcpy(&state, static_cast<const void *>(&future), sizeof state);
    return state;
}

/// A task, as far as those who wait for its result are concerned.
class awaited_task {
public:
    /// Whether it is this task's end that makes the future ready, and it has not ended.
    [[nodiscard]] virtual bool will_settle(const void *shared_state) const noexcept = 0;

protected:
    ~awaited_task() = default;
};

/// A pool, as far as those who wait for it are concerned.
class awaited_pool {
public:
    [[nodiscard]] virtual const char *pool_name() const noexcept = 0;
    [[nodiscard]] virtual std::size_t threads_left() const noexcept = 0;
    /// Whether a task is queued that will settle it, and that nobody but a thread of the pool can
    /// end.
    [[nodiscard]] virtual bool has_queued(const void *shared_state) const = 0;

protected:
    ~awaited_pool() = default;
};

/// What a task waits for.
struct task_wait {
    enum class what : unsigned char { result, idle, room };

    what kind;
    const void *shared_state;  // of a result
    const awaited_pool *pool;  // of the others
};

/// A pool's thread, and the task that it is at.
///
/// Owns:    nothing.
/// Threads: its own. While it is listed, others read it under the list's mutex.
struct pool_seat {
    explicit pool_seat(const awaited_pool &its) noexcept : pool(its) {}

    const awaited_pool &pool;
    const awaited_task *task = nullptr;
    task_wait wait{};
    bool can_go_on = false;  // these three: guarded by the list's mutex
    pool_seat *next = nullptr;
    pool_seat *prev = nullptr;
};

/// The calling thread's, if it is a pool's.
HOLDFAST_DETAIL_PRIVATE inline thread_local pool_seat *seat_of_this_thread = nullptr;

/// The threads of pools that wait in the middle of a task.
///
/// A forked child makes its own: who is listed in its parent's is not there. Each library that is
/// built apart has a list; it knows its own pools.
///
/// Lock order: `mutex_`, then a queue's.
class task_waits : public of_one_process {
public:
    static task_waits &get() { return of_this_process<task_waits>(); }

    /// Lists the thread, unless it would never go on: then false.
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

    /// Takes out of the set, which begins with all, whoever can go on, until nobody else can.
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

/// For the time of a wait; nothing on a thread that is no pool's.
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
