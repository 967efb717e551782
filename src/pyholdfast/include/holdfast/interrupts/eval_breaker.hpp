// holdfast/interrupts/eval_breaker.hpp: whether a thread that cannot run now gets an exception where it is seen.
//
// From 3.13 on the interpreter's check reads once what is to be handled, the word `eval_breaker`,
// and only then lets others run. Whoever attaches and sets an exception meanwhile has it raised at
// the next check, which nobody has looked at. So the thread is asked before, while it runs: both
// bits at once, "let others run" and "there may be an exception". Without an exception the second
// does nothing.
//
// It is asked while neither bit is set, and counts as asked if it is attached afterwards. Then it
// is at no check that lets others run without having read both: such a check has read the first bit
// earlier, and CPython takes that bit back only when the thread is detached, or attaches. Who holds
// the GIL afterwards reads the word again:
//  - The exception's bit is still there: the thread has let go since it was asked, and has not gone
//    through a check. So it is at a check that has read the bit, or in a call in C, after which it
//    checks: it gets the exception where it is seen.
//  - It is not: the thread has gone through a check, and is somewhere else. It is asked again.
// Not seen from here, and then the exception comes one check late:
//  - C code that is not called by a CALL, such as an iterator's: no check follows at once
//    (docs/explanation/limits.md).
//  - A check that runs a collection, a signal's handler or a pending call: it has read the word
//    before. If that detaches, and the thread is asked meanwhile, the exception's bit stays, though
//    this check has not read it. A thread that is not attached for a while is blocked in C, or
//    waits for its turn at an earlier check: `not_yet` counts the attempts that have waited for it
//    in vain. One that was over at once, because another thread could be asked, says nothing about
//    this one. A request to let others run that stayed would have the thread wait for one that
//    wants to, so it is taken back.
//
// Without a GIL threads are stopped by another bit, which is CPython's own to set: nothing can be
// asked, and what is seen is one check early (docs/explanation/limits.md). Up to 3.12 the check
// reads again for the exception: nothing has to be.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <cstdint>
#include <thread>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Where a thread that cannot run now is seen: where it checks next, somewhere before that, or
/// nobody knows yet.
enum class seen_at : unsigned char { its_check, elsewhere, unknown };

/// What the interrupter of one call knows of the thread's checks.
///
/// Threads: the interrupter's.
struct asked_check {
    // Of the thread; alive while it is asked. null: nothing is asked
    PyThreadState *state = nullptr;
    bool is_asked = false;
    bool has_run = false;     // it was attached at some moment of this attempt
    bool has_waited = false;  // this attempt has waited for it, to the end
    int not_yet = 0;          // attempts in a row that have waited, and in which it was not
};

#if HOLDFAST_HAS_CHECK_THAT_READS_ONCE

inline constexpr std::uintptr_t gil_drop_request = 1U << 0;     // _PY_GIL_DROP_REQUEST_BIT
inline constexpr std::uintptr_t async_exception_bit = 1U << 3;  // _PY_ASYNC_EXCEPTION_BIT
inline constexpr int state_is_attached = 1;                     // _Py_THREAD_ATTACHED
inline constexpr int blocked_after = 4;  // such attempts: then it is taken for blocked in C

/// Asks if that is possible at this moment. Detached: the thread runs meanwhile. To be followed by
/// an attach in the same interpreter. True: it has been asked in this attempt.
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

/// Takes back what a thread has been asked that runs with another state by now. Attached: what is
/// listed lives.
HOLDFAST_DETAIL_COLD inline void ask_no_more(asked_check &its) noexcept {
    PyThreadState *state =
        its.is_asked ? PyInterpreterState_ThreadHead(PyInterpreterState_Get()) : nullptr;
    for (; state != nullptr; state = PyThreadState_Next(state))
        if (state == its.state)
            __atomic_fetch_and(&state->eval_breaker, ~gil_drop_request, __ATOMIC_SEQ_CST);
    its.is_asked = its.has_run = its.has_waited = false;
}

/// Where the thread is seen, and the end of the attempt. Attached, and no other thread runs.
HOLDFAST_DETAIL_COLD inline seen_at where_it_is(asked_check &its,
                                                const PyThreadState *seen) noexcept {
    if (its.state != seen) {
        ask_no_more(its);
        // Nothing is asked, or it runs with a state that it made later: as good as any
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

/// Waits a moment until at least one thread can be asked: the others may be blocked. Detached.
///
/// \param for_each  calls what it is given, a function of an asked_check, for each thread, with its
///     state alive meanwhile.
template <class ForEach>
HOLDFAST_DETAIL_COLD void ask_one_to_check(ForEach for_each) noexcept {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    for (;;) {
        bool is_over = true;  // nobody is left to wait for
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
