// holdfast/attach/register_interpreter.hpp: making a running interpreter known, however it was started.
//
// holdfast::interpreter starts Python and adopts it at once. In a program that calls
// Py_Initialize() itself, or in an extension module, the first contact does it: from then on the
// interpreter has a gate, which closes and drains in an atexit hook, before CPython takes thread
// states down.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>

#include <holdfast/attach/own_state.hpp>
#include <holdfast/process/process.hpp>

namespace holdfast::detail {

/// The calling thread's current state, or null if it is detached. `self` may be null.
inline PyThreadState *current_state(const thread_record *self) noexcept {
    PyThreadState *const state = unchecked_state();
#if HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
    (void)self;
    return state;
#else
    // `state` may be another thread's, about to be freed: compare it, never look into it.
    if (state == nullptr || (self != nullptr && state == self->attached))
        return state;
    return state == PyGILState_GetThisThreadState() || is_attached_here(state) ? state : nullptr;
#endif
}

/// How long a Python that holdfast did not start waits at its exit for threads inside.
std::chrono::milliseconds exit_limit() noexcept;

/// Writes to stderr, between the problem and its remedy, who is inside: which thread, since when,
/// and where in the host it came in.
void say_who_is_inside(const gate &door, const char *problem, const char *remedy) noexcept;

/// Ends what must go before the interpreter. Detached, on the thread that ends it, with the gate
/// closed. What fails to end is a row of the report.
void end_children(interpreter_record &record, std::chrono::steady_clock::time_point deadline,
                  finalize_report &report);

/// The reference of the interpreter that the calling thread is attached to, made known if need be.
/// A null record: it is finalizing, or there is no memory.
interpreter_ref register_current(bool owned = false) noexcept;

/// Finds a main interpreter that somebody else started. Attached to another interpreter, or
/// detached.
closed_reason register_main() noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/register_interpreter.ipp>
#endif
