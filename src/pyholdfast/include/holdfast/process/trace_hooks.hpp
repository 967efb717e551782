// holdfast/process/trace_hooks.hpp: where guards, locks and calls say what they do, if it is recorded.
//
// Must not include <Python.h>. Every host includes this; what records is in thread_track.hpp.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/trace/event.hpp>
#include <holdfast/process/process.hpp>

namespace holdfast::detail {

lane *make_lane(thread_record &self) noexcept;

/// Where the thread records what it does; null if nothing is recorded, which costs one relaxed load.
inline lane *lane_of(thread_record &self) noexcept {
    if (__builtin_expect(self.process->observed.load(std::memory_order_relaxed) == 0, 1) != 0)
        return nullptr;
    return self.trace != nullptr || self.no_lane ? self.trace : make_lane(self);
}

/// The same for the calling thread, if it has ever attached.
inline lane *lane_of_this_thread() noexcept {
    thread_record *const self = cached_thread;
    return self != nullptr ? lane_of(*self) : nullptr;
}

/// The same for a thread that locks, which may be long before it attaches, if it ever does.
inline lane *lane_for_locks() noexcept {
    // Where this library has not looked for the process's record yet, nothing that it started is recorded.
    process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    if (shared == nullptr || __builtin_expect(shared->observed.load(std::memory_order_relaxed) == 0, 1) != 0)
        return nullptr;
    thread_record *const self = this_thread();
    return self != nullptr ? lane_of(*self) : nullptr;
}

// Each is the lane's function of that name.
void begin_wait(lane &seen, call_site site, std::uint64_t interpreter) noexcept;
void begin_wait_again(lane &seen, hold_purpose earlier) noexcept;
void begin_hold(lane &seen, const void *state) noexcept;
std::uint64_t end_hold(lane &seen) noexcept;
void record_hold(lane &seen, std::uint64_t end, std::uint8_t flags) noexcept;
hold_purpose what_for(lane &seen) noexcept;
void begin_lock_wait(lane &seen, const void *lock) noexcept;
void end_lock_wait(lane &seen) noexcept;
void add_lock(lane &seen, const void *lock) noexcept;
void remove_lock(lane &seen, const void *lock) noexcept;

/// A task of a pool: its beginning in ticks, to be given to end_task().
std::uint64_t begin_task(lane &seen) noexcept;
void end_task(lane &seen, std::uint64_t begun) noexcept;

/// A typed call, while it lasts. Attached.
class traced_call {
public:
    /// \param own_hold  the call attached by itself: it names the hold, and is no event of its own.
    traced_call(const char *module, const char *name, bool own_hold) noexcept {
        lane *const seen = lane_of_this_thread();
        if (seen != nullptr && name != nullptr)
            begin(*seen, module, name, own_hold);
    }
    traced_call(const traced_call &) = delete;
    traced_call &operator=(const traced_call &) = delete;
    ~traced_call() {
        if (lane_ != nullptr)
            end();
    }

private:
    void begin(lane &seen, const char *module, const char *name, bool own_hold) noexcept;
    void end() noexcept;

    lane *lane_ = nullptr;
    std::uint64_t begun_ = 0;
    std::uint16_t function_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/process/trace_hooks.ipp>
#endif
