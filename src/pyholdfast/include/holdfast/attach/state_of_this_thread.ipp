// holdfast/attach/state_of_this_thread.ipp: the bodies of state_of_this_thread.hpp.
#pragma once

#include <holdfast/attach/state_of_this_thread.hpp>

#if !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD

#include <cstddef>
#include <cstring>

#include <holdfast/platform/memory.hpp>
#include <holdfast/platform/thread.hpp>

namespace holdfast::detail {

/// The bounds do not change during the thread's life, and asking is expensive.
HOLDFAST_DETAIL_PRIVATE inline thread_local stack_bounds stack_of_this_thread;

HOLDFAST_DETAIL_COLD_BODY stack_bounds own_stack() noexcept {
    if (stack_of_this_thread.high == 0)
        stack_of_this_thread = whole_stack();
    stack_bounds used = stack_of_this_thread;
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (used.contains(__builtin_frame_address(0)))  // otherwise it is a fiber's
        used.low = here;
    return used;
}

HOLDFAST_DETAIL_COLD_BODY bool is_attached_here(PyThreadState *state) noexcept {
    const process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    if (shared != nullptr && state == shared->lost_in_fork.load(std::memory_order_relaxed))
        // A thread that was created in the child may have the stack and the ident of the thread
        // that does not exist here
        return false;
    PyThreadState seen;
    if (!read_memory_safely(&seen, state, sizeof seen) || unchecked_state() != state)
        return false;
    if (seen.cframe != &state->root_cframe) {
        const stack_bounds used = own_stack();
        if (used.contains(seen.cframe) || used.contains(__builtin_frame_address(0)))
            return used.contains(seen.cframe);
        // On a fiber's stack, whose bounds are unknown, and on which the Python code may run, too.
    }
    if (seen.thread_id != PyThread_get_thread_ident())
        return false;
    // holdfast: ignore[HF601] the thread may have a current state of this interpreter
    return _PyInterpreterState_RequiresIDRef(seen.interp) == 0;
}

HOLDFAST_DETAIL_COLD_BODY PyThreadState *innermost_caller(const void *below) noexcept {
    stack_bounds used = own_stack();
    if (below != nullptr && used.contains(below))
        used.high = reinterpret_cast<std::uintptr_t>(below);
    PyThreadState *found = nullptr;
    for (PyInterpreterState *its = PyInterpreterState_Head(); its != nullptr;
         its = PyInterpreterState_Next(its))
        for (PyThreadState *state = PyInterpreterState_ThreadHead(its); state != nullptr;
             state = PyThreadState_Next(state))
            if (state->cframe != &state->root_cframe && used.contains(state->cframe)) {
                found = state;
                used.high = reinterpret_cast<std::uintptr_t>(state->cframe);
            }
    return found;
}

}  // namespace holdfast::detail

#endif
