// Part of attach_nobody_cancels_each_library.cpp: attaches with its own copy of the headers, whose symbols others share.
#pragma GCC visibility push(default)
#include <holdfast/thread_state.hpp>

/// Called by a thread that attaches here for the first time.
extern "C" bool attach_and_look() {
    const holdfast::attach_guard attached;
    return holdfast::detail::threads_may_be_cancelled();
}
#pragma GCC visibility pop
