// holdfast/detail/observed.hpp: the lane of a thread, where what threads do is recorded.
//
// Layer 14. Must not include <Python.h>.
#pragma once

#include <atomic>
#include <new>

#include "attributes.hpp"
#include "lane.hpp"
#include "process.hpp"

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD inline lane *make_lane(thread_record &self) noexcept {
    recorder *const file = self.process->record_file.load(std::memory_order_acquire);
    lane_page *const page = file != nullptr && !self.no_lane ? file->take_lane() : nullptr;
    self.trace = page != nullptr
                     ? new (std::nothrow) lane(*file, *page, this_thread_native_id(), this_thread_ident())
                     : nullptr;
    self.no_lane = self.trace == nullptr;
    return self.trace;
}

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

/// A typed call, while it lasts. Attached.
class traced_call {
public:
    /// \param own_hold  the call attached by itself: it names the hold, and is no event of its own.
    traced_call(const char *module, const char *name, bool own_hold) noexcept {
        lane *const seen = lane_of_this_thread();
        if (seen == nullptr || name == nullptr)
            return;
        function_ = seen->function_number(module, name);
        if (own_hold) {
            seen->name_hold(function_);
            return;
        }
        lane_ = seen;
        begun_ = seen->begin_call(function_);
    }
    traced_call(const traced_call &) = delete;
    traced_call &operator=(const traced_call &) = delete;
    ~traced_call() {
        if (lane_ != nullptr)
            lane_->end_call(begun_, function_);
    }

private:
    lane *lane_ = nullptr;
    std::uint64_t begun_ = 0;
    std::uint16_t function_ = 0;
};

}  // namespace holdfast::detail
