// holdfast/process/trace_hooks.ipp: the bodies of trace_hooks.hpp.
//
// Must not include <Python.h>.
#pragma once

#include <holdfast/process/trace_hooks.hpp>

#include <new>

#include <holdfast/trace/thread_track.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE_BODY thread_track *make_track(thread_record &self) noexcept {
    recorder *const file = self.process->record_file.load(std::memory_order_acquire);
    track_page *const page = file != nullptr && !self.no_track ? file->take_track() : nullptr;
    self.trace = page != nullptr
                     ? new (std::nothrow)
                           thread_track(*file, *page, this_thread_native_id(), this_thread_ident())
                     : nullptr;
    self.no_track = self.trace == nullptr;
    return self.trace;
}

HOLDFAST_DETAIL_BODY void begin_lock_wait(thread_track &seen, const void *lock,
                                          const call_site *made) noexcept {
    seen.begin_lock_wait(lock, made);
}

HOLDFAST_DETAIL_BODY void end_lock_wait(thread_track &seen, const call_site *made) noexcept {
    seen.end_lock_wait(made);
}

HOLDFAST_DETAIL_BODY void note_failed_try(thread_track &seen, const void *lock) noexcept {
    seen.note_failed_try(lock);
}

HOLDFAST_DETAIL_BODY void add_lock(thread_track &seen, const void *lock,
                                   const call_site *made) noexcept {
    seen.add_lock(lock, made);
}

HOLDFAST_DETAIL_BODY void remove_lock(thread_track &seen, const void *lock) noexcept {
    seen.remove_lock(lock);
}

HOLDFAST_DETAIL_BODY std::uint64_t begin_task(thread_track &seen) noexcept { return seen.now(); }

HOLDFAST_DETAIL_BODY void end_task(thread_track &seen, std::uint64_t begun) noexcept {
    seen.record(event_kind::task, begun, seen.function_number("", "task of a pool"));
}

HOLDFAST_DETAIL_BODY void traced_call::begin(thread_track &seen, const char *module,
                                             const char *name, bool own_hold) noexcept {
    function_ = seen.function_number(module, name);
    if (own_hold) {
        seen.name_hold(function_);
        return;
    }
    track_ = &seen;
    begun_ = seen.begin_call(function_);
}

HOLDFAST_DETAIL_BODY void traced_call::end() noexcept {
    if (track_of_this_thread() == track_)  // else the call has forked, and this is the child
        track_->end_call(begun_, function_);
}

}  // namespace holdfast::detail
