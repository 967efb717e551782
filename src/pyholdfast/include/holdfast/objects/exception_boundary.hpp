// holdfast/objects/exception_boundary.hpp: the border that C++ exceptions do not cross into Python.
//
// An exception that unwinds CPython's frames leaves its frame stack and recursion count wrong; a
// thousand of them end every later call. So whatever Python calls runs within
// translate_exceptions().
//
// Forced unwinding, by pthread_exit() or cancellation, may neither be swallowed (the C++ runtime
// ends the process) nor let through (the thread would end attached, and nobody would attach again).
// Cancellation is held off until the function returns. A thread that calls pthread_exit() stops
// here for good: detached, outside the gate, with its stack intact, because Python's frames lie on
// it. So it costs a thread, not the process: others go on, and finalize() does not wait for it.
// Joining it does.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <utility>

#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// Where a thread stops that wants to end under Python's frames. Attached.
[[noreturn]] void park_this_thread() noexcept;

void set_error(const error &problem) noexcept;

/// Sets the Python exception that was one before; its text, if it belongs to another interpreter.
void set_error(const python_error &problem) noexcept;

/// Within a handler: the Python exception for the C++ exception that is being handled.
void set_error_from_handled() noexcept;

/// Runs a function that Python has called, attached, and returns its result: a new reference, or
/// null with a Python exception set, which a C++ exception is turned into. Nothing passes it.
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
