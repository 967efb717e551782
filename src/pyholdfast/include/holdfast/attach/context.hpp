// holdfast/attach/context.hpp: what one attach leaves to the next, for those who want it to leave nothing.
//
// A cached thread state keeps what Python hangs on it: context variables and threading.local
// values live as long as the native thread, as they do in a Python thread. A pool that serves many
// clients from one thread may want neither.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/attach/thread_state.hpp>

namespace holdfast {

/// Runs what is within its lifetime in a context of its own: context variables set inside are gone
/// afterwards, and none are set at its start.
///
/// Threads: on an attached thread, which stays attached or comes back before the guard ends.
class context_guard {
public:
    /// \throws usage_error   HF216 if the thread is not attached.
    /// \throws closed_error  no memory.
    context_guard() {
        if (!attached())
            throw usage_error("HF216", "context_guard needs an attached thread",
                              "construct an attach_guard first");
        const detail::saved_error aside;
        context_ = PyContext_New();
        if (context_ != nullptr && PyContext_Enter(context_) != 0)
            Py_CLEAR(context_);
        if (context_ == nullptr) {
            PyErr_Clear();
            throw closed_error(closed_reason::no_memory);
        }
    }
    context_guard(const context_guard &) = delete;
    context_guard &operator=(const context_guard &) = delete;
    ~context_guard() {
        const detail::saved_error aside;
        if (PyContext_Exit(context_) != 0)
            PyErr_Clear();
        Py_DECREF(context_);
    }

private:
    PyObject *context_ = nullptr;  // ours
};

/// Deletes the thread state that the calling thread keeps, and with it all threading.local values
/// and context variables; the next attach makes a new one, at its cost.
///
/// Does nothing if there is none, or if a guard of this thread lives, or the interpreter is
/// closing.
inline void end_thread_state() noexcept {
    detail::thread_record *const self = detail::cached_thread;
    if (self != nullptr && self->attached == nullptr)
        detail::end_cached_states(*self);
}

}  // namespace holdfast
