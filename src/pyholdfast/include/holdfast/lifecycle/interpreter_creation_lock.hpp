// holdfast/lifecycle/interpreter_creation_lock.hpp: creates and ends interpreters one at a time.
//
// An end waits at most five seconds for its turn. CPython 3.12 and 3.13 survive doing this in
// parallel only by luck: types that extension modules share among all interpreters (those of
// _datetime) are set up and cleared without a lock, with or without a GIL.
#pragma once

#include <chrono>
#include <thread>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/condition.hpp>
#include <holdfast/platform/fork_local.hpp>
#include <holdfast/platform/plain_mutex.hpp>

namespace holdfast::detail {

/// Which thread is creating or ending an interpreter. A forked child has its own record, because
/// the thread that holds its parent's does not exist there. Libraries that have their own copies of
/// this do not wait for each other.
///
/// Owns:       nothing.
/// Threads:    any.
/// Lock order: `mutex` is a leaf.
struct creation_lock_record : of_one_process {
    plain_mutex mutex;
    condition over;
    std::thread::id holder;  // this and depth: guarded by mutex
    int depth = 0;           // 0: no thread holds it
};

/// The lock, for the lifetime of this object. The thread that holds it may take it again, because
/// code that runs at an interpreter's end may end another interpreter. Such code may also wait for
/// another thread that does; so an end waits only for a limited time, and then goes on.
class interpreter_creation_lock {
public:
    interpreter_creation_lock() noexcept = default;
    interpreter_creation_lock(const interpreter_creation_lock &) = delete;
    interpreter_creation_lock &operator=(const interpreter_creation_lock &) = delete;
    ~interpreter_creation_lock() {
        if (taken_ == nullptr || !taken_->is_of_this_process())
            return;
        creation_lock_record &record = *taken_;
        const mutex_hold hold(record.mutex);
        if (--record.depth == 0)
            record.over.notify_all();
    }

    /// Does not wait.
    HOLDFAST_DETAIL_COLD bool try_take() {
        return take(std::chrono::steady_clock::time_point::min());
    }

    /// Detached: it waits.
    HOLDFAST_DETAIL_COLD bool take(std::chrono::steady_clock::time_point deadline) {
        creation_lock_record &record = of_this_process<creation_lock_record>();
        const std::thread::id self = std::this_thread::get_id();
        mutex_hold hold(record.mutex);
        const auto free = [&] { return record.depth == 0 || record.holder == self; };
        if (deadline == std::chrono::steady_clock::time_point::max())
            record.over.wait(hold, free);
        else if (deadline == std::chrono::steady_clock::time_point::min()
                     ? !free()
                     : !record.over.wait_until(hold, deadline, free))
            return false;
        record.holder = self;
        ++record.depth;
        taken_ = &record;
        return true;
    }

private:
    creation_lock_record *taken_ = nullptr;
};

}  // namespace holdfast::detail
