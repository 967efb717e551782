// holdfast/calls/deadline.hpp: limits the time that Python code may take.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <string>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/calls/deadline_timer.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// A call under within() did not end in time (HF222).
class deadline_error : public error {
public:
    deadline_error(const std::string &problem, std::string traceback);

    /// Where the Python code was interrupted, as Python would print it; empty if it had not begun.
    [[nodiscard]] const std::string &traceback() const noexcept { return traceback_; }

private:
    std::string traceback_;
};

namespace detail {

/// Attached for its lifetime, and interrupted when the limit is reached.
class timed_scope {
public:
    timed_scope(std::chrono::milliseconds limit, call_site site);
    timed_scope(std::chrono::milliseconds limit, const interpreter_view &view, call_site site);
    timed_scope(const timed_scope &) = delete;
    timed_scope &operator=(const timed_scope &) = delete;

    ~timed_scope();

    /// Throws a deadline_error if the limit caused `raised`; otherwise rethrows `raised`.
    [[noreturn]] void translate(const python_error &raised);

private:
    void begin();

    [[nodiscard]] std::string text_of_limit() const;

    call_timer &timer_ = call_timer::get();
    std::chrono::milliseconds limit_;
    std::chrono::steady_clock::time_point deadline_;  // counted from before the wait to attach
    attach_guard attached_;
    timed_call call_;
    bool has_claimed_ = false;  // the exception became this scope's deadline_error
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
/// When the limit is reached:
/// - Running Python code gets holdfast.Interrupted, a BaseException, at its next bytecode, and
///   within() throws deadline_error with its traceback. If the code catches the exception and
///   returns a value, that value is returned, late.
/// - A thread that is still waiting to attach keeps waiting, because CPython has no attach with a
///   limit; then `work` is not called, and within() throws deadline_error.
/// - Code that is blocked in C (a sleep, a lock, a system call) is interrupted when the C code
///   returns.
/// - C code that stays attached cannot be interrupted before it detaches, and no other thread can
///   run Python until then; a result that is ready by then is returned.
///
/// Calls may nest; the earliest deadline wins. If the exception was meant for an outer call, too, and
/// an inner call throws deadline_error for it, the outer call's code is interrupted again. Pure C++ code in `work` is not interrupted.
///
/// The first call in an interpreter starts a thread that watches the limits there until the process
/// ends. If that thread cannot be started, `work` is not called. Works on any native thread; each
/// call costs a lock and a list entry.
/// \throws deadline_error, and what `work` throws
/// \throws closed_error  like attach_guard(view)
/// \throws error         HF223 the limit cannot be kept
template <class Work>
auto within(std::chrono::milliseconds limit, const interpreter_view &view, Work &&work,
            call_site site = call_site::current()) -> decltype(work()) {
    detail::timed_scope scope(limit, view, site);
    return detail::run_within(scope, std::forward<Work>(work));
}

/// The same, in the interpreter that the thread is in, else in the main one.
template <class Work>
auto within(std::chrono::milliseconds limit, Work &&work, call_site site = call_site::current())
    -> decltype(work()) {
    detail::timed_scope scope(limit, site);
    return detail::run_within(scope, std::forward<Work>(work));
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/deadline.ipp>
#endif
