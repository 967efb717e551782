// holdfast/attach/context.hpp: keeps what one attach leaves behind from reaching the next.
//
// A cached thread state keeps what Python stores in it: context variables and threading.local
// values live as long as the native thread, as they do in a Python thread. A pool that serves many
// clients from one thread may want neither.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>

namespace holdfast {

/// Runs the code in its lifetime in a new, empty context: context variables that it sets are gone
/// afterwards.
///
/// Threads: an attached thread, which stays attached, or is attached again before the guard ends.
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
    PyObject *context_ = nullptr;  // our reference
};

/// Deletes the thread state that the calling thread caches, and with it all threading.local values
/// and context variables; the next attach creates a new one, which costs time.
///
/// Does nothing if there is none, if a guard of this thread is alive, or if the interpreter is
/// closing.
inline void end_thread_state() noexcept {
    detail::thread_record *const self = detail::cached_thread;
    if (self != nullptr && self->attached == nullptr)
        detail::end_cached_states(*self);
}

}  // namespace holdfast
