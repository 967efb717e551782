// holdfast/attach/view.ipp: the bodies of view.hpp.
#pragma once

#include <holdfast/attach/view.hpp>

#include <new>
#include <utility>

#include <holdfast/error.hpp>

namespace holdfast {

namespace detail {

/// The main interpreter's record, after registering a Python that other code started.
HOLDFAST_DETAIL_COLD inline interpreter_record &known_main_record() noexcept {
    const interpreter_record &known = process().main;
    if (known.interpreter.load(std::memory_order_acquire) == nullptr ||
        known.registering.load(std::memory_order_relaxed) != 0) {
        const PyThreadState *const state = current_state(cached_thread);
        // holdfast: ignore[HF601] only with a current state: the thread is attached
        if (state != nullptr && PyInterpreterState_Get() == PyInterpreterState_Main())
            register_current();  // holdfast: ignore[HF601] as above
        else
            register_main();
    }
    return process().main;  // by now the records may be another library's
}

HOLDFAST_DETAIL_COLD_BODY void refuse(closed_reason reason) {
    throw closed_error(reason == closed_reason::none ? closed_reason::not_started : reason);
}

HOLDFAST_DETAIL_COLD_BODY interpreter_ref first_run() noexcept {
    interpreter_record &main = known_main_record();
    return {&main, main.first_generation.load(std::memory_order_acquire)};
}

}  // namespace detail

HOLDFAST_DETAIL_COLD_BODY interpreter_view main_view() noexcept {
    detail::interpreter_record &main = detail::known_main_record();
    return interpreter_view({&main, main.generation.load(std::memory_order_acquire)});
}

HOLDFAST_DETAIL_COLD_BODY void interpreter_guard::enter(call_site site) noexcept {
    const bool inside = reason_ == closed_reason::finalizing && detail::is_inside(*ref_.record);
    entry_ = new (std::nothrow) detail::gate_entry;
    if (entry_ == nullptr) {
        reason_ = closed_reason::no_memory;
        return;
    }
    entry_->is_guard = true;
    entry_->thread_id = detail::this_thread_ident();
    entry_->native_id = detail::this_thread_native_id();
    while (!ref_.record->door.enter_linked(*entry_, inside, site)) {
        reason_ = ref_.record->door.reason();
        if (reason_ != closed_reason::none) {
            delete std::exchange(entry_, nullptr);
            return;
        }  // otherwise it was opened after the refusal: try again
    }
    reason_ = closed_reason::none;
    if (ref_.record->generation.load(std::memory_order_acquire) != ref_.generation) {
        leave();
        reason_ = closed_reason::stale;
    }
}

HOLDFAST_DETAIL_COLD_BODY void interpreter_guard::leave() noexcept {
    ref_.record->door.leave_linked(*entry_);
    delete std::exchange(entry_, nullptr);
}

}  // namespace holdfast
