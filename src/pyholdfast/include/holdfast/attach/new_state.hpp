// holdfast/attach/new_state.hpp: creates a thread state.
//
// PyThreadState_New() needs no GIL, so a thread that has the GIL may fork in the middle of it,
// while it holds CPython's lock over the list of states. From 3.13 on os.fork() takes that lock
// first. On earlier versions, this file keeps a fork from beginning while a thread creates a state.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

namespace holdfast::detail {

/// A new thread state of the calling thread; null if there is no memory for it. The thread is
/// detached, or attached with another state.
PyThreadState *new_state(PyInterpreterState *interpreter) noexcept;

/// Attaches with a new state, and deletes the state at the end of the scope. The thread is detached
/// before and after.
class transient_attach {
public:
    explicit transient_attach(PyThreadState *fresh) noexcept : state_(fresh) {
        restore_or_hang(fresh);
    }
    transient_attach(const transient_attach &) = delete;
    transient_attach &operator=(const transient_attach &) = delete;
    ~transient_attach() {
        PyThreadState_Clear(state_);
        PyThreadState_DeleteCurrent();
    }

private:
    PyThreadState *const state_;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/new_state.ipp>
#endif
