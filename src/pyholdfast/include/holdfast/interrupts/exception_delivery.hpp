// holdfast/interrupts/exception_delivery.hpp: asks a thread to check, to learn where it will do so.
//
// From 3.13 on the interpreter's check reads the pending work (the word `eval_breaker`) once, and
// only then lets other threads run. If a thread attaches meanwhile and sets an exception, it is
// raised at the next check, which was not examined. So the target is asked beforehand, while it
// runs, with two bits at once: "let others run" and "there may be an exception". Without an
// exception the second bit does nothing.
//
// The target is asked while neither bit is set, and counts as asked if it is attached afterwards.
// Then it is not at a check that lets others run without having read both bits: such a check has
// read the first bit earlier, and CPython clears that bit only when the thread is detached, or
// attaches. Afterwards the thread that holds the GIL reads the word again:
//  - The exception's bit is still set: the target has detached since it was asked, and has not gone
//    through a check. So it is at a check that has read the bit, or in a C call that is followed by
//    a check: it gets the exception where it is seen.
//  - The bit is clear: the target has gone through a check and is somewhere else. It is asked
//    again.
// Two cases cannot be seen from here; then the exception comes one check late:
//  - C code that is not called by a CALL, such as an iterator's: no check follows at once
//    (docs/explanation/limits.md).
//  - A check that runs a collection, a signal handler or a pending call: it has read the word
//    before. If that detaches and the target is asked meanwhile, the exception's bit stays set,
//    although this check has not read it. A thread that stays detached for a while is blocked in C,
//    or waits for its turn at an earlier check: `not_yet` counts the attempts that waited for it in
//    vain. An attempt that ended at once, because another thread could be asked, says nothing about
//    this one. A leftover request to let others run would make the target wait for a thread that
//    wants to run, so the request is taken back.
//
// Without a GIL, CPython stops threads with another bit, which only CPython may set. So no thread
// can be asked, and the observation is one check early (docs/explanation/limits.md). Up to 3.12 the
// check reads again for the exception, so asking is not needed.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstdint>
#include <thread>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// Where a thread that cannot run now was seen: at its next check, before that, or not yet known.
enum class seen_at : unsigned char { its_check, elsewhere, unknown };

/// What the thread that interrupts a call knows about the target's checks.
///
/// Threads: the interrupting thread.
struct asked_check {
    // The target's; alive while the target is asked. null: nothing is asked
    PyThreadState *state = nullptr;
    bool is_asked = false;
    bool has_run = false;     // the target was attached at some moment of this attempt
    bool has_waited = false;  // this attempt waited for the target to the end
    int not_yet = 0;          // successive attempts that waited and did not see it attached
};

#if HOLDFAST_HAS_CHECK_THAT_READS_ONCE

inline constexpr std::uintptr_t gil_drop_request = 1U << 0;  // _PY_GIL_DROP_REQUEST_BIT
inline constexpr int state_is_attached = 1;                  // _Py_THREAD_ATTACHED
inline constexpr int blocked_after = 4;  // attempts of that kind before the target counts as
                                         // blocked in C

/// Asks the target if that is possible now. Call it detached, so that the target can run; then
/// attach to the same interpreter. True: the target has been asked in this attempt.
HOLDFAST_DETAIL_COLD inline bool ask_to_check(asked_check &its) noexcept {
    if (its.state == nullptr || its.is_asked ||
        __atomic_load_n(&its.state->state, __ATOMIC_ACQUIRE) != state_is_attached)
        return its.is_asked;
    its.has_run = true;
    std::uintptr_t word = __atomic_load_n(&its.state->eval_breaker, __ATOMIC_ACQUIRE);
    if ((word & (gil_drop_request | async_exception_bit)) == 0 &&
        __atomic_compare_exchange_n(&its.state->eval_breaker, &word,
                                    word | gil_drop_request | async_exception_bit, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        its.is_asked = __atomic_load_n(&its.state->state, __ATOMIC_SEQ_CST) == state_is_attached;
    return its.is_asked;
}

/// Takes back the request from a thread that has since changed its state. Attached: states in the
/// list are alive.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void ask_no_more(asked_check &its) noexcept {
    PyThreadState *state =
        its.is_asked ? PyInterpreterState_ThreadHead(PyInterpreterState_Get()) : nullptr;
    for (; state != nullptr; state = PyThreadState_Next(state))
        if (state == its.state)
            __atomic_fetch_and(&state->eval_breaker, ~gil_drop_request, __ATOMIC_SEQ_CST);
    its.is_asked = its.has_run = its.has_waited = false;
}

/// Where the target is seen; ends the attempt. Attached, and no other thread runs.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline seen_at where_it_is(
    asked_check &its, const PyThreadState *seen) noexcept {
    if (its.state != seen) {
        ask_no_more(its);
        // Nothing was asked, or it runs with a state that it made later: no better answer is
        // possible
        return seen_at::its_check;
    }
    const std::uintptr_t word =
        __atomic_fetch_and(&its.state->eval_breaker, ~gil_drop_request, __ATOMIC_SEQ_CST);
    const bool has_let_go = its.is_asked && (word & async_exception_bit) != 0;
    const bool has_run = its.has_run;
    its.not_yet = has_run ? 0 : its.not_yet + (its.has_waited ? 1 : 0);
    its.is_asked = its.has_run = its.has_waited = false;
    if (has_let_go || its.not_yet >= blocked_after)
        return seen_at::its_check;
    return has_run ? seen_at::elsewhere : seen_at::unknown;
}

#else

inline bool ask_to_check(asked_check &) noexcept { return true; }
inline seen_at where_it_is(asked_check &, const PyThreadState *) noexcept {
    return seen_at::its_check;
}
inline void ask_no_more(asked_check &) noexcept {}

#endif

/// Waits a moment until at least one thread can be asked, as the others may be blocked. Detached.
///
/// \param for_each  calls the function that it is given with each target's asked_check, and keeps
///                  the target's state alive meanwhile.
template <class ForEach>
HOLDFAST_DETAIL_COLD void ask_one_to_check(ForEach for_each) noexcept {
    const cancellation_held_off until_asked;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    for (;;) {
        bool is_over = true;  // no thread is left to wait for
        bool one_is_asked = false;
        for_each([&](asked_check &its) {
            one_is_asked = ask_to_check(its) || one_is_asked;
            is_over = is_over && its.state == nullptr;
        });
        if (one_is_asked || is_over)
            return;
        if (std::chrono::steady_clock::now() >= end)
            break;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    for_each([](asked_check &its) { its.has_waited = true; });
}

}  // namespace holdfast::detail
