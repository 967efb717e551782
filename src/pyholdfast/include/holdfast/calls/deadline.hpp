// holdfast/calls/deadline.hpp: a limit for the time that Python code may take.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <string>
#include <utility>

#include <holdfast/attach/thread_state.hpp>
#include <holdfast/calls/call_timer.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// A call was given a limit by within(), and did not end in time (HF222).
class deadline_error : public error {
public:
    deadline_error(const std::string &problem, std::string traceback);

    /// Where the Python code was interrupted, as Python would have printed it; empty if it was not
    /// begun.
    [[nodiscard]] const std::string &traceback() const noexcept { return traceback_; }

private:
    std::string traceback_;
};

namespace detail {

/// Attached for its lifetime, and interrupted when the time is over.
class timed_scope {
public:
    timed_scope(std::chrono::milliseconds limit, call_site site);
    timed_scope(std::chrono::milliseconds limit, const interpreter_view &view, call_site site);
    timed_scope(const timed_scope &) = delete;
    timed_scope &operator=(const timed_scope &) = delete;

    ~timed_scope();

    /// What to throw instead of `raised`: a deadline_error, if it was this call's end; else itself.
    [[noreturn]] void translate(const python_error &raised);

private:
    void begin();

    [[nodiscard]] std::string text_of_limit() const;

    call_timer &timer_ = call_timer::get();
    std::chrono::milliseconds limit_;
    std::chrono::steady_clock::time_point deadline_;  // from before the wait to attach
    attach_guard attached_;
    timed_call call_;
};

template <class Work>
auto run_within(timed_scope &scope, Work &&work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const python_error &raised) {
        scope.translate(raised);
    }
}

}  // namespace detail

/// Calls `work` attached, and interrupts the Python code that it runs if it takes longer than
/// `limit`.
///
///     double value = holdfast::within(200ms, [&] { return price("EUR", book); });
///
/// When the time is over:
/// - Python code that runs gets holdfast.Interrupted, a BaseException, at its next bytecode, and
///   within() throws deadline_error with its traceback. Code that catches it and returns a value
///   has its value returned, late.
/// - A thread that is still waiting to attach goes on waiting, because CPython has no attach with a
///   limit; then `work` is not called, and deadline_error is thrown.
/// - Code that is blocked in C (a sleep, a lock, a system call) is interrupted when that returns.
/// - Code that holds the interpreter in C cannot be interrupted before it lets go, nor can anybody
///   else run Python until then; a result that is ready by then is returned.
///
/// Calls may nest; the earliest deadline wins. Pure C++ in `work` is not interrupted.
///
/// The first call in an interpreter starts a thread that watches the limits there, for as long as
/// the process runs. Where there is no thread for it, `work` is not called. On any native thread;
/// costs a lock and a list entry per call.
/// \throws deadline_error, and what `work` throws
/// \throws closed_error  as attach_guard(view)
/// \throws error         HF223 the limit cannot be kept
template <class Work>
auto within(std::chrono::milliseconds limit, const interpreter_view &view, Work &&work,
            detail::call_site site = detail::call_site::current()) -> decltype(work()) {
    detail::timed_scope scope(limit, view, site);
    return detail::run_within(scope, std::forward<Work>(work));
}

/// The same, in the interpreter that the thread is in, else the main one.
template <class Work>
auto within(std::chrono::milliseconds limit, Work &&work,
            detail::call_site site = detail::call_site::current()) -> decltype(work()) {
    detail::timed_scope scope(limit, site);
    return detail::run_within(scope, std::forward<Work>(work));
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/deadline.ipp>
#endif
