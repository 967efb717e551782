// holdfast/PyThreadStateLock.h: the article's class, under its own name.
//
// For programs that start Python themselves with Py_Initialize() and end it with
// Py_FinalizeEx(). Where the article's class called PyGILState_Ensure and PyGILState_Release, this
// one uses holdfast's attach guard: it nests in the same way, with PyGILState as well, it keeps the
// thread state for the next time, and after Py_FinalizeEx() it throws holdfast::closed_error where
// PyGILState_Ensure would crash or hang.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/attach/thread_state.hpp>

/// Holds the calling thread attached to Python, for the lifetime of the object.
///
/// Threads: construct and destroy on one thread; instances nest, and end in reverse order.
class PyThreadStateLock {
public:
    /// \throws holdfast::closed_error if Python is not running, or is finalizing.
    PyThreadStateLock(holdfast::detail::call_site site = holdfast::detail::call_site::current())
        : attached_(site) {}
    PyThreadStateLock(const PyThreadStateLock &) = delete;
    PyThreadStateLock &operator=(const PyThreadStateLock &) = delete;

private:
    holdfast::attach_guard attached_;
};
