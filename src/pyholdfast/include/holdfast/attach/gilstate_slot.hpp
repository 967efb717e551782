// holdfast/attach/gilstate_slot.hpp: takes a cached state out of its thread's PyGILState slot.
//
// From 3.12 on the slot follows the last attach and stays set when the thread detaches. For a
// sub-interpreter's state that is wrong in two ways. A library's PyGILState_Ensure() would enter
// that interpreter, bypassing its gate. And after the interpreter has ended, the slot points to a
// deleted state: the thread's next attach to any interpreter writes to it up to 3.13, and
// PyGILState_Ensure() hangs from 3.14 on. So the end of an outermost attach to a sub-interpreter
// sets the slot to what it would otherwise hold: the thread's state of the main interpreter, or
// nothing. CPython does the same (bind_gilstate_tstate), but only as part of an attach, which needs
// a GIL.
//
// The slot is a pthread key up to 3.14, and a thread-local variable of libpython from then on.
// Neither is part of CPython's interface, so we find it by its effect: we clear a place that holds
// the thread's state, and if PyGILState_GetThisThreadState() then returns null, the place is the
// slot. If none is found, nothing is changed, and states of sub-interpreters are not cached.
//
// Only its own thread touches a slot, and the flag in a state that says whether the slot holds it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT

/// Whether slots can be set in this process. Attached: the thread's slot holds its current state.
HOLDFAST_REQUIRES_ATTACHED bool find_gilstate_slot() noexcept;

/// The state in the calling thread's slot. Call it only after find_gilstate_slot() returned true. A
/// slot that is a key is read directly, without CPython's three calls; one that is a variable is
/// read through CPython.
PyThreadState *state_in_slot() noexcept;

/// Detached: replaces `idle` in the slot with `instead`, which is a live state of this thread or
/// null. Call it only after find_gilstate_slot() returned true.
void replace_in_slot(PyThreadState *idle, PyThreadState *instead) noexcept;

#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/gilstate_slot.ipp>
#endif
