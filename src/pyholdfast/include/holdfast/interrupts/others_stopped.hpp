// holdfast/interrupts/others_stopped.hpp: examines an interpreter's threads while none runs.
//
// With a GIL, the other threads cannot run as long as no Python code runs here. Without one they
// must be stopped; the only public function that does so is one that visits objects.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <new>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Calls look() while no other thread of the current interpreter runs Python. It does not
/// run Python code itself.
template <class Look>
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD void while_others_are_stopped(Look look) noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    // It calls its function while all other threads of the interpreter are stopped; one call is
    // enough.
    PyUnstable_GC_VisitObjects(
        [](PyObject *, void *its_look) {
            (*static_cast<Look *>(its_look))();
            return 0;
        },
        &look);
#else
    const int collecting = PyGC_Disable();  // a collection runs Python code, which lets other
                                            // threads run
    look();
    if (collecting != 0)
        PyGC_Enable();
#endif
}

/// Calls visit(state) for each thread state of an interpreter, in which the caller is attached.
///
/// The list is read while no other thread runs: a thread deletes its state attached, and takes it
/// out of the list before it counts as stopped, or lets the GIL go. A thread that is not attached may
/// add one meanwhile, in front of those that are read; without a GIL it waits instead, because the
/// list's lock is held here. So `visit` may only take a mutex under which no thread attaches,
/// detaches, or makes or deletes a state.
template <class Visit>
HOLDFAST_REQUIRES_ATTACHED void for_each_state(PyInterpreterState *interpreter,
                                               Visit visit) noexcept {
    while_others_are_stopped([&]() noexcept {
        for (PyThreadState *state = PyInterpreterState_ThreadHead(interpreter); state != nullptr;
             state = PyThreadState_Next(state))
            visit(state);
    });
}

/// What visit(state) returns for each of them.
/// \throws std::bad_alloc
template <class Visit>
HOLDFAST_REQUIRES_ATTACHED auto map_states(PyInterpreterState *interpreter, Visit visit) {
    std::vector<decltype(visit(static_cast<PyThreadState *>(nullptr)))> found;
    bool has_room = true;
    for_each_state(interpreter, [&](PyThreadState *state) noexcept {
        try {
            if (has_room)
                found.push_back(visit(state));
        } catch (const std::bad_alloc &) {
            has_room = false;
        }
    });
    if (!has_room)
        throw std::bad_alloc();
    return found;
}

}  // namespace holdfast::detail
