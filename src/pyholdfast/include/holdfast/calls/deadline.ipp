// holdfast/calls/deadline.ipp: the bodies of deadline.hpp.
#pragma once

#include <holdfast/calls/deadline.hpp>

#include <string>
#include <system_error>
#include <utility>

#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast {

HOLDFAST_DETAIL_BODY deadline_error::deadline_error(const std::string &problem,
                                                    std::string traceback)
    : error("HF222", problem, "give it more time, or let the Python code do less in one call"),
      traceback_(std::move(traceback)) {}

namespace detail {

HOLDFAST_DETAIL_BODY timed_scope::timed_scope(std::chrono::milliseconds limit, call_site site)
    : limit_(limit), deadline_(deadline_after(limit)), attached_(site) {
    begin();
}

HOLDFAST_DETAIL_BODY timed_scope::timed_scope(std::chrono::milliseconds limit,
                                              const interpreter_view &view, call_site site)
    : limit_(limit), deadline_(deadline_after(limit)), attached_(view, site) {
    begin();
}

HOLDFAST_DETAIL_BODY timed_scope::~timed_scope() {
    // Much of this may wait for the GIL, or run Python code.
    const cancellation_held_off to_the_end;
    timer_.remove(call_);
    // It may have claimed the exception of an outer call while the watcher was trying both, and then
    // this one was held off.
    if (!has_claimed_ && !timer_.has_interrupted(call_))
        return;
    // A thread that is cancelled in Python code may unwind detached, and runs no Python again.
    if (!attached())
        return;
    PyThreadState *const state = PyThreadState_Get();
    const interpreter_record *const record = attached_ref().record;
    const bool is_late = has_async_exception(state);
    const auto is_told_to_end = [&] {
        return record != nullptr && record->door.has_interrupted(call_.thread);
    };
    if (is_told_to_end()) {
        // Finalization raises it only once, and this scope may have taken it.
        if (PyObject *const type = interrupted_type()) {
            set_async_exception(state, type);
            // If reopen() has cleared the record meanwhile, it may have looked too early for this
            // (take_back.hpp).
            if (!is_told_to_end() && state->async_exc == type)
                discard_async_exception(state);
        }
    } else if (is_late) {  // after the last bytecode: it must not reach the next call
        discard_async_exception(state);
    }
    if (is_late || has_claimed_)
        timer_.raise_again_around(call_);
    release_import_locks();
}

HOLDFAST_DETAIL_COLD_BODY void timed_scope::translate(const python_error &raised) {
    has_claimed_ = raised.type() == interrupted_name && timer_.has_interrupted(call_);
    if (has_claimed_)
        throw deadline_error(
            "the call did not end within " + text_of_limit() + " and was interrupted",
            raised.traceback());
    rethrow();
}

HOLDFAST_DETAIL_BODY void timed_scope::begin() {
    if (std::chrono::steady_clock::now() >= deadline_)
        throw deadline_error("the call was not made: attaching took longer than " + text_of_limit(),
                             "");
    call_.deadline = deadline_;
    call_.interpreter = PyInterpreterState_Get();
    call_.thread = this_thread_ident();
    call_.asked.state = PyThreadState_Get();
    try {
        timer_.add(call_);
    } catch (const std::system_error &problem) {
        throw error(
            "HF223",
            "the limit of " + text_of_limit() +
                " cannot be kept: the system gives no thread to watch it: " +
                problem.code().message(),
            "raise the limit on threads of this user or container, or call without a limit");
    }
}

HOLDFAST_DETAIL_BODY std::string timed_scope::text_of_limit() const {
    return std::to_string(limit_.count()) + " ms";
}

}  // namespace detail

}  // namespace holdfast
