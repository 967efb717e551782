// holdfast/PyThreadStateLock.h: the article's class, under its own name.
//
// For programs that start Python with Py_Initialize() and end it with Py_FinalizeEx(). The
// article's class called PyGILState_Ensure and PyGILState_Release; this one uses holdfast's attach
// guard. It nests the same way, also with PyGILState, and it keeps the thread state for the next
// attach. After Py_FinalizeEx() it throws holdfast::closed_error where PyGILState_Ensure would
// crash or hang.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>

/// Keeps the calling thread attached to Python for the lifetime of the object.
///
/// Threads: construct and destroy on the same thread; instances nest and end in reverse order.
class PyThreadStateLock {
public:
    /// \throws holdfast::closed_error if Python is not running, or is finalizing.
    PyThreadStateLock(holdfast::call_site site = holdfast::call_site::current())
        : attached_(site) {}
    PyThreadStateLock(const PyThreadStateLock &) = delete;
    PyThreadStateLock &operator=(const PyThreadStateLock &) = delete;

private:
    holdfast::attach_guard attached_;
};
