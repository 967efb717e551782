// holdfast/attach/guards.ipp: the bodies of guards.hpp.
#pragma once

#include <holdfast/attach/guards.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void drop_in_between(interpreter_record &record,
                                                               PyThreadState *state) noexcept {
    if (!has_async_exception(state))
        drop_now(record);
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void noted_place::note() noexcept {
    thread_record *const self = this_thread();
    const interpreter_ref here = self != nullptr ? register_current() : interpreter_ref{};
    if (here.record == nullptr)
        return;
    self_ = self;
    before_ = std::exchange(self->attached, static_cast<void *>(PyThreadState_Get()));
    before_in_ = std::exchange(self->attached_to, here);
    before_at_ = self->attached_at;
    note_where(*self);
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

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY interpreter_view
current_view() {
    if (!attached())
        throw usage_error("HF216", "current_view() was called by a thread that is not attached",
                          "call it where Python called you, or use main_view()");
    const detail::interpreter_ref ref = detail::attached_ref();
    if (ref.record == nullptr)
        throw closed_error(closed_reason::finalizing);
    return interpreter_view(ref);
}

}  // namespace holdfast
