// holdfast/attach/delete_state.hpp: how thread states go.
//
// In a sub-interpreter, no state but one may be left when it ends: up to 3.13 CPython ends the
// process. Their threads may be asleep for ever. So the thread that ends the interpreter deletes
// them, in their stead, once the gate is closed and empty (delete_cached_states). Why that is safe:
//  - The owner is outside, and comes in no more: it looks at what it keeps only after it has
//    entered the gate, and finds the generation changed. Its exit hook is refused by the gate, too.
//    Gate and mutex order the owner's last use before the deletion.
//  - CPython deletes idle states of other threads itself, in Py_FinalizeEx() and after a fork. What
//    forbids it otherwise is the PyGILState slot: the deleter's would be emptied, and the owner's
//    would dangle. So a state is kept only if it is in no slot while it is idle. From 3.12 on it is
//    taken out at each outermost detach (gilstate_slot.hpp); before, the slot has the thread's
//    first state, which is made in the main interpreter if there is none.
//  - On a free-threaded build, PyThreadState_Clear() hands the heaps and the queue of reference
//    counts of the state to its interpreter, as it does for the states of other threads in
//    Py_FinalizeEx(). Up to 3.12, CPython's own module of sub-interpreters runs code in the newest
//    state of an interpreter that it made, whoever's it is: there states are kept in holdfast's
//    interpreters alone, and pass with the attach in others'.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/gate/registry.hpp>

namespace holdfast::detail {

/// The calling thread's current state, of our own making. Detaches.
void delete_attached_state(PyThreadState *state) noexcept;

/// Deletes what threads keep in a sub-interpreter, whoever they are, but for the calling thread's
/// current state. Attached to it, with its gate closed for good, and empty.
void delete_cached_states(interpreter_record &record) noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/delete_state.ipp>
#endif
