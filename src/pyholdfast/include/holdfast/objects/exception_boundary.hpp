// holdfast/objects/exception_boundary.hpp: keeps C++ exceptions from crossing into Python.
//
// An exception that unwinds CPython's frames leaves its frame stack and recursion count wrong;
// after a thousand of them, every later call fails. So every C++ function that Python calls runs
// inside translate_exceptions().
//
// A forced unwind, from pthread_exit() or cancellation, must not be swallowed (the C++ runtime ends
// the process) and must not pass through (the thread would end attached, and no other thread could
// attach again). Cancellation is held off until the function returns. A thread that calls
// pthread_exit() stops here for good: detached, outside the gate, with its stack intact, because
// Python's frames are on it. That costs a thread, not the process: other threads go on, and
// finalize() does not wait for this one. Joining it would hang.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// Stops a thread that wants to end beneath Python's frames.
[[noreturn]] HOLDFAST_REQUIRES_ATTACHED void park_this_thread() noexcept;

void set_error(const error &problem) noexcept;

/// Sets the original Python exception, or only its text if it belongs to another interpreter.
void set_error(const python_error &problem) noexcept;

/// Inside a handler: sets a Python exception for the C++ exception being handled.
void set_error_from_handled() noexcept;

/// Runs a function that Python has called, attached, and returns its result: a new reference, or
/// null with a Python exception set. It turns any C++ exception into a Python one.
template <class F>
PyObject *translate_exceptions(F &&function) noexcept {
    const cancellation_held_off until_returned;
    try {
        return std::forward<F>(function)();
    } catch (...) {
        if (caught_forced_unwind())
            park_this_thread();
        set_error_from_handled();
        return nullptr;
    }
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/exception_boundary.ipp>
#endif
