// holdfast/interrupts/others_stopped.hpp: examines an interpreter's threads while none runs.
//
// With a GIL, the other threads cannot run as long as no Python code runs here. Without one they
// must be stopped; the only public function that does so is one that visits objects.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

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

}  // namespace holdfast::detail
