// holdfast/attach/own_state.hpp: whether a thread state is the calling thread's, where CPython does not say.
//
// Up to 3.11 CPython knows the state that holds the GIL, and not which thread that is. A state that
// holdfast made is known to its thread, and one that fills the thread's PyGILState slot, too. One
// that somebody else attached this thread with is neither, e.g. in a sub-interpreter that Python's
// own module made.
//
// What shows it ------------- 1. Where Python code runs in a state, the state points to a record on
// the C stack of the thread that runs it
//     (PyThreadState.cframe). In this thread's stack: it is this thread's. In another one's: it is not. Asked on a
//     fiber's stack, there is no telling whose another stack is: then 2 counts.
//  2. Where no Python code runs, the state names the thread that made it (PyThreadState.thread_id). CPython says
//     that a state is that thread's. Python's own module of sub-interpreters does not keep to it: it runs code in
//     the state of whoever made the interpreter. Its interpreters are marked, and there only 1 counts.
//
// The state may be another thread's and be freed while we look. So its memory is not touched: the
// system is asked for a copy, which fails where there is nothing. If the thread has the GIL, nobody
// else can change which state is attached; so if that has changed after the copy was made, the
// state is not this thread's, and what was copied does not matter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <cstdint>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/process/process.hpp>

namespace holdfast::detail {

#if !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD

/// The part of a thread's stack that is in use.
struct stack_in_use {
    std::uintptr_t low = 0, high = 0;
    [[nodiscard]] bool contains(const void *address) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        return low <= at && at < high;
    }
};

/// The calling thread's, with all frames below the caller's. Empty where the system does not say.
stack_in_use own_stack() noexcept;

/// Whether the calling thread is attached with `state`, which is attached. Neither kept by holdfast
/// nor in its slot.
bool is_attached_here(PyThreadState *state) noexcept;

/// Whether there is no interpreter but the main one.
inline bool is_main_alone() noexcept {
    return PyInterpreterState_Head() == PyInterpreterState_Main();
}

/// The state of this thread in which Python code called the caller most lately, if anything did;
/// attached to the main interpreter, so that no state goes meanwhile. \param below  only calls made
/// deeper than this.
PyThreadState *innermost_caller(const void *below) noexcept;

#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/own_state.ipp>
#endif
