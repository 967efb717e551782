// holdfast/process/trace_hooks.hpp: hooks that record what guards, locks and calls do.
//
// Must not include <Python.h>. Every host includes this; thread_track.hpp does the recording.
#pragma once

#include <atomic>
#include <cstdint>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/process/shared_records.hpp>
#include <holdfast/trace/hold_purpose.hpp>

namespace holdfast::detail {

thread_track *make_track(thread_record &self) noexcept;

/// The thread's track; null if nothing is recorded, which costs one relaxed load.
HOLDFAST_DETAIL_INLINE thread_track *track_of(thread_record &self) noexcept {
    if (__builtin_expect(self.process->tracing.load(std::memory_order_relaxed) == 0, 1) != 0)
        return nullptr;
    return self.trace != nullptr || self.no_track ? self.trace : make_track(self);
}

/// The same for the calling thread, if it has ever attached.
inline thread_track *track_of_this_thread() noexcept {
    thread_record *const self = cached_thread;
    return self != nullptr ? track_of(*self) : nullptr;
}

/// The same for a thread that locks, which may do so long before it attaches, or never attach.
inline thread_track *track_for_locks() noexcept {
    // If this library has not looked up the process's record yet, nothing that it started is
    // recorded.
    process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    if (shared == nullptr ||
        __builtin_expect(shared->tracing.load(std::memory_order_relaxed) == 0, 1) != 0)
        return nullptr;
    thread_record *const self = this_thread();
    return self != nullptr ? track_of(*self) : nullptr;
}

// Each calls the track's function of the same name.
void begin_lock_wait(thread_track &seen, const void *lock, const call_site *made) noexcept;
void end_lock_wait(thread_track &seen, const call_site *made) noexcept;
void note_failed_try(thread_track &seen, const void *lock) noexcept;
void add_lock(thread_track &seen, const void *lock, const call_site *made) noexcept;
void remove_lock(thread_track &seen, const void *lock) noexcept;

/// A pool's task: the time it began, in ticks, to pass to end_task().
std::uint64_t begin_task(thread_track &seen) noexcept;
void end_task(thread_track &seen, std::uint64_t begun) noexcept;

/// Records a typed call for its duration. Attached.
class traced_call {
public:
    /// \param own_hold  the call attached by itself: it names the hold and has no event of its own.
    traced_call(const char *module, const char *name, bool own_hold) noexcept {
        thread_track *const seen = track_of_this_thread();
        if (seen != nullptr && name != nullptr)
            begin(*seen, module, name, own_hold);
    }
    traced_call(const traced_call &) = delete;
    traced_call &operator=(const traced_call &) = delete;
    ~traced_call() {
        if (track_ != nullptr)
            end();
    }

private:
    void begin(thread_track &seen, const char *module, const char *name, bool own_hold) noexcept;
    void end() noexcept;

    thread_track *track_ = nullptr;
    std::uint64_t begun_ = 0;
    std::uint16_t function_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/process/trace_hooks.ipp>
#endif
