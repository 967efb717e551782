// holdfast/attach/state_of_this_thread.ipp: the bodies of state_of_this_thread.hpp.
#pragma once

#include <holdfast/attach/state_of_this_thread.hpp>

#if !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD

#include <cstddef>
#include <cstring>

#include <pthread.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/uio.h>
#endif

namespace holdfast::detail {

/// Copies memory that may not exist. False: it does not exist, or the system does not support this.
HOLDFAST_DETAIL_COLD inline bool copy_if_there(void *to, const void *from,
                                               std::size_t size) noexcept {
#if defined(__linux__)
    const iovec here{to, size};
    const iovec there{const_cast<void *>(from), size};
    if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size))
        return true;
#endif
    // If the system forbids that call or does not have it, copy through a pipe, which refuses
    // memory that does not exist.
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    const bool copied = write(ends[1], from, size) == static_cast<ssize_t>(size) &&
                        read(ends[0], to, size) == static_cast<ssize_t>(size);
    close(ends[0]);
    close(ends[1]);
    return copied;
}

/// The bounds do not change during the thread's life, and asking is expensive: the main thread's
/// are read from a file.
HOLDFAST_DETAIL_COLD inline stack_in_use whole_stack() noexcept {
    stack_in_use whole;
#if defined(__APPLE__)
    whole.high = reinterpret_cast<std::uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
    whole.low = whole.high - pthread_get_stacksize_np(pthread_self());
#else
    pthread_attr_t attributes;
    void *low = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return whole;
    if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
        whole.low = reinterpret_cast<std::uintptr_t>(low);
        whole.high = whole.low + size;
    }
    pthread_attr_destroy(&attributes);
#endif
    return whole;
}

HOLDFAST_DETAIL_PRIVATE inline thread_local stack_in_use stack_of_this_thread;

HOLDFAST_DETAIL_COLD_BODY stack_in_use own_stack() noexcept {
    if (stack_of_this_thread.high == 0)
        stack_of_this_thread = whole_stack();
    stack_in_use used = stack_of_this_thread;
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
    if (!copy_if_there(&seen, state, sizeof seen) || unchecked_state() != state)
        return false;
    if (seen.cframe != &state->root_cframe) {
        const stack_in_use used = own_stack();
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
    stack_in_use used = own_stack();
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
