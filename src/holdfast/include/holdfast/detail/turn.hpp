// holdfast/detail/turn.hpp: interpreters are made and ended one at a time, as long as that can be waited for.
//
// Layer 10. CPython 3.12 and 3.13 do it side by side only by luck: types that extension modules share among all
// interpreters (those of _datetime) are set up and cleared without a lock, whether there is a GIL or not.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <sys/types.h>
#include <unistd.h>

#include "attributes.hpp"
#include "condition.hpp"

namespace holdfast::detail {

/// Who makes or ends an interpreter now. Libraries with copies of this of their own do not wait for each other.
///
/// Owns:       nothing.
/// Threads:    any.
/// Lock order: `mutex` is a leaf.
struct turn_record {
    std::mutex mutex;
    condition over;
    std::thread::id holder;  // these two: guarded by mutex
    int depth = 0;           // 0: nobody
    const pid_t process = getpid();
};

/// Never freed: used by threads that outlive static objects. A forked child has one of its own: who holds its parent's,
/// or waits for it, is not there.
inline turn_record &the_turn() {
    static std::atomic<turn_record *> current{nullptr};
    turn_record *found = current.load(std::memory_order_acquire);
    while (found == nullptr || found->process != getpid()) {
        auto *const fresh = new turn_record;
        if (current.compare_exchange_strong(found, fresh, std::memory_order_acq_rel))
            return *fresh;
        delete fresh;
    }
    return *found;
}

/// A turn, for the time that this lives. Whoever has it may take it again: code that runs at an interpreter's end
/// may end another. And such code may wait for another thread that does: so an end has a limit, and then goes on.
class turn {
public:
    turn() noexcept = default;
    turn(const turn &) = delete;
    turn &operator=(const turn &) = delete;
    ~turn() {
        if (taken_ == nullptr || taken_->process != getpid())
            return;
        turn_record &record = *taken_;
        const std::lock_guard<std::mutex> hold(record.mutex);
        if (--record.depth == 0)
            record.over.notify_all();
    }

    /// Without waiting.
    HOLDFAST_DETAIL_COLD bool try_take() { return take(std::chrono::steady_clock::time_point::min()); }

    /// Detached: it waits.
    HOLDFAST_DETAIL_COLD bool take(std::chrono::steady_clock::time_point deadline) {
        turn_record &record = the_turn();
        const std::thread::id self = std::this_thread::get_id();
        std::unique_lock<std::mutex> hold(record.mutex);
        const auto free = [&] {
            return record.depth == 0 || record.holder == self;
        };
        if (deadline == std::chrono::steady_clock::time_point::max())
            record.over.wait(hold, free);
        else if (deadline == std::chrono::steady_clock::time_point::min() ? !free()
                                                                          : !record.over.wait_until(hold, deadline, free))
            return false;
        record.holder = self;
        ++record.depth;
        taken_ = &record;
        return true;
    }

private:
    turn_record *taken_ = nullptr;
};

}  // namespace holdfast::detail
