// holdfast/lifecycle/subinterpreter_lifetime.busy.ipp: the thread that is busy with a sub-interpreter,
// and the main interpreter's reopen() meanwhile.
//
// A part of the bodies of subinterpreter_lifetime.hpp.
#pragma once

#include <holdfast/lifecycle/subinterpreter_lifetime.hpp>

#include <chrono>
#include <utility>

#include <holdfast/lifecycle/take_back.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY child_interpreter::busy::busy(child_interpreter &its,
                                                   std::chrono::steady_clock::time_point deadline)
    : its_(its) {
    mutex_hold hold(its_.mutex_);
    const auto free = [this] { return !its_.is_busy_; };
    if (deadline == std::chrono::steady_clock::time_point::max())
        its_.given_up_.wait(hold, free);
    else if (!free() && (deadline == std::chrono::steady_clock::time_point::min() ||
                         !its_.given_up_.wait_until(hold, deadline, free)))
        return;
    has_it_ = its_.is_busy_ = true;
}

HOLDFAST_DETAIL_BODY child_interpreter::busy::~busy() {
    if (!has_it_)
        return;
    for (;;) {
        missed what{};
        {
            const mutex_hold hold(its_.mutex_);
            what = std::exchange(its_.missed_, missed::nothing);
            if (what == missed::nothing) {
                its_.is_busy_ = false;
                its_.given_up_.notify_all();
                return;
            }
        }
        its_.make_up_for(what);
    }
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::take_back_with_main() {
    for (;;) {
        {
            const busy alone(*this, std::chrono::steady_clock::time_point::min());
            if (alone) {
                if (!is_done() && closed_by_main_)
                    take_back(ref_, told_);
                return;
            }
        }
        const mutex_hold hold(mutex_);
        if (is_busy_) {
            missed_ = missed::taking_back;
            return;
        }
    }
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::reopened_with_main() noexcept {
    const mutex_hold hold(mutex_);
    if (is_busy_)
        missed_ = missed::reopening;
    else
        open_with_main();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::open_with_main() noexcept {
    if (std::exchange(closed_by_main_, false) && progress_.load(std::memory_order_acquire) == 0 &&
        is_ours())
        ref_.record->door.open();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::make_up_for(missed what) noexcept {
    if (!closed_by_main_ || is_done())
        return;
    take_back(ref_, told_);
    if (what == missed::reopening && !is_left_to_main())
        open_with_main();
}

}  // namespace holdfast::detail
