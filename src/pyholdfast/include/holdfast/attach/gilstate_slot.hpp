// holdfast/attach/gilstate_slot.hpp: taking a cached state out of its thread's PyGILState slot.
//
// From 3.12 on the slot follows the last attach and stays when the thread detaches. For a state of
// a sub-interpreter that is wrong twice. A library's PyGILState_Ensure() would enter that
// interpreter, past its gate. And when the interpreter has ended, the slot points to a state that
// is gone: the thread's next attach to anything writes to it up to 3.13, and PyGILState_Ensure()
// hangs from 3.14 on. So, at the end of an outermost attach to a sub-interpreter, the slot is given
// what it would have without that: the thread's state of the main interpreter, or nothing. CPython
// does the same (bind_gilstate_tstate), but only as part of an attach, which needs a GIL.
//
// The slot is a key of the system's up to 3.14, and a thread-local variable of libpython's
// afterwards. Neither is in CPython's interface. Which one it is, is found by what it does: a place
// that holds the thread's state is emptied, and if PyGILState_GetThisThreadState() then says so, it
// is the slot. Where none is found, nothing is changed, and states of sub-interpreters are not
// kept.
//
// Only its own thread touches a slot, and the flag in a state that says whether the slot holds it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT

/// Whether slots can be set in this process. Attached: the thread's slot holds its current state.
bool find_gilstate_slot() noexcept;

/// What the calling thread's slot holds. Only where find_gilstate_slot() said yes: it is read at
/// once then, without CPython's three calls. Before, and where the slot is a variable, CPython is
/// asked.
PyThreadState *state_in_slot() noexcept;

/// Detached: takes `idle` out of the slot and puts `instead` there, a live state of this thread, or
/// null. Only where find_gilstate_slot() said yes.
void replace_in_slot(PyThreadState *idle, PyThreadState *instead) noexcept;

#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/gilstate_slot.ipp>
#endif
