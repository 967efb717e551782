// holdfast/attach/delete_state.hpp: deletes thread states.
//
// When a sub-interpreter ends, only one state may be left in it: up to 3.13 CPython otherwise ends
// the process. The threads of the other states may be asleep for ever. So the thread that ends the
// interpreter deletes those states for them, once the gate is closed and empty
// (delete_cached_states). This is safe for these reasons:
//  - The owner is outside and cannot come in again: it looks at its cached state only after it has
//    entered the gate, and then finds the generation changed. The gate also refuses its exit hook.
//    Gate and mutex order the owner's last use before the deletion.
//  - CPython itself deletes idle states of other threads, in Py_FinalizeEx() and after a fork. What
//    otherwise forbids it is the PyGILState slot: the deleting thread's slot would be emptied, and
//    the owner's would dangle. So a state is cached only if it is in no slot while it is idle. From
//    3.12 on it is taken out at each outermost detach (gilstate_slot.hpp). Before 3.12 the slot has
//    the thread's first state, which is created in the main interpreter if there is none.
//  - On a free-threaded build, PyThreadState_Clear() gives the state's heaps and its queue of
//    reference counts to its interpreter, as it does for the states of other threads in
//    Py_FinalizeEx(). Up to 3.12, CPython's own sub-interpreter module runs code in the newest
//    state of an interpreter that it made, whichever thread owns that state. So there states are
//    cached only in holdfast's interpreters; in others they are deleted at the end of the attach.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>

#include <holdfast/annotations.hpp>
#include <holdfast/gate/registry.hpp>

namespace holdfast::detail {

/// Deletes the calling thread's current state, which must be our own. Detaches.
void delete_attached_state(PyThreadState *state) noexcept;

/// Deletes a state that another thread has left. Attached to its interpreter, with another state.
HOLDFAST_REQUIRES_ATTACHED void delete_left_state(PyThreadState *state,
                                                  std::uint64_t of_thread) noexcept;

/// Deletes the states that any threads cache in a sub-interpreter, except the calling thread's
/// current state. Attached to it, with its gate closed for good, and empty.
HOLDFAST_REQUIRES_ATTACHED void delete_cached_states(interpreter_record &record) noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/delete_state.ipp>
#endif
