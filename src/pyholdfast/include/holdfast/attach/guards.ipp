// holdfast/attach/guards.ipp: the bodies of guards.hpp.
#pragma once

#include <holdfast/attach/guards.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD_BODY void noted_place::note() noexcept {
    thread_record *const self = this_thread();
    const interpreter_ref here = self != nullptr ? register_current() : interpreter_ref{};
    if (here.record == nullptr)
        return;
    self_ = self;
    before_ = std::exchange(self->attached, static_cast<void *>(PyThreadState_Get()));
    before_in_ = std::exchange(self->attached_to, here);
    before_at_ = self->attached_at;
    self->attached_at = __builtin_frame_address(0);
}

HOLDFAST_DETAIL_BODY void drop_for_foreign(PyThreadState *state) noexcept {
    process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    if (shared == nullptr)
        return;
    interpreter_record *const record = shared->find_record(PyThreadState_GetInterpreter(state));
    if (record != nullptr && has_drops(*record))
        drop_in_between(*record, state);
}

}  // namespace detail

}  // namespace holdfast
