// holdfast/attach/state_of_this_thread.hpp: whether a thread state is the calling thread's, before 3.12.
//
// Up to 3.11 CPython knows the state that holds the GIL, but not which thread that is. A thread
// knows a state that holdfast made for it, and the state that fills its PyGILState slot. A state
// with which other code attached this thread is neither, for example in a sub-interpreter that
// Python's own module made.
//
// How we tell
// -----------
// 1. If Python code runs in a state, the state points to a record on the C stack of the thread that
//   runs it (PyThreadState.cframe). If that is in this thread's stack, the state is this thread's;
//   if it is in another thread's stack, it is not. On a fiber's stack it is impossible to tell
//   whose stack another one is; then 2 decides.
// 2. If no Python code runs, the state names the thread that made it (PyThreadState.thread_id).
//   CPython says that a state belongs to that thread. Python's own sub-interpreter module breaks
//   this rule: it runs code in the state of the thread that made the interpreter. Its interpreters
//   are marked, and for them only 1 decides.
//
// The state may be another thread's and be freed while we look. So we do not touch its memory: we
// ask the system for a copy, which fails if nothing is there. While a thread has the GIL, no other
// thread can change which state is attached. So if that has changed after the copy was made, the
// state is not this thread's, and the copy does not matter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

#if !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD

/// The part of the calling thread's stack that is in use, without the caller's own frames. Empty if the system does not say.
stack_bounds own_stack() noexcept;

/// Whether the calling thread is attached with `state`, which some thread is attached with. For a
/// state that is neither cached by holdfast nor in the thread's slot.
bool is_attached_here(PyThreadState *state) noexcept;

/// Whether the main interpreter is the only one.
inline bool is_main_alone() noexcept {
    return PyInterpreterState_Head() == PyInterpreterState_Main();
}

/// The state of this thread in which Python code most recently called into the caller, if any.
/// Attached to the main interpreter, so that no state is deleted meanwhile. \param below  only
/// calls made deeper than this.
HOLDFAST_REQUIRES_ATTACHED PyThreadState *innermost_caller(const void *below) noexcept;

#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/state_of_this_thread.ipp>
#endif
