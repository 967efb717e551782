// holdfast/attach/register_interpreter.hpp: registers a running interpreter.
//
// holdfast::interpreter starts Python and registers it at once. In a program that calls
// Py_Initialize() itself, or in an extension module, the first attach registers it. From then on
// the interpreter has a gate, which closes and drains in an atexit hook, before CPython takes
// thread states down.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>

#include <holdfast/attach/state_of_this_thread.hpp>
#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

/// The calling thread's current state, or null if it is detached. `self` may be null.
inline PyThreadState *current_state(const thread_record *self) noexcept {
    PyThreadState *const state = unchecked_state();
#if HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
    (void)self;
    return state;
#else
    // `state` may be another thread's and about to be freed: only compare it, never dereference it.
    if (state == nullptr || (self != nullptr && state == self->attached))
        return state;
    return state == PyGILState_GetThisThreadState() || is_attached_here(state) ? state : nullptr;
#endif
}

/// How long a Python that holdfast did not start waits at its exit for threads inside.
std::chrono::milliseconds exit_limit() noexcept;

/// Writes to stderr, between the problem and its remedy, which threads are inside, since when, and
/// where in the host they attached.
void say_who_is_inside(const gate &door, const char *problem, const char *remedy) noexcept;

/// Ends what must end before the interpreter. Detached, on the thread that ends the interpreter,
/// with the gate closed. What prevents the end of a child is added to `found`.
void end_children(interpreter_record &record, std::chrono::steady_clock::time_point deadline,
                  obstacles &found);

/// The reference of the interpreter that the calling thread is attached to, registered if
/// necessary. A null record: it is finalizing, or there is no memory.
interpreter_ref register_current(bool owned = false) noexcept;

/// Registers a main interpreter that other code started. Attached to another interpreter, or
/// detached.
closed_reason register_main() noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/register_interpreter.exits.ipp>
#include <holdfast/attach/register_interpreter.ipp>
#endif
