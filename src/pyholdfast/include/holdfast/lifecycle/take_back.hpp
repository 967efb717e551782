// holdfast/lifecycle/take_back.hpp: reopen() takes back what a finalize() that ran into its limit has told Python's threads.
//
// Two things would otherwise outlast it. The callbacks with which Python tells thread pools to end
// leave marks in their modules, after which no pool takes work. And a thread that was interrupted
// while it was blocked in C would get its exception in the work that it is meant to go on with.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <exception>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/interrupts/others_stopped.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/lifecycle/told_to_end.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

// A thread that is still calling callbacks returns from the one that it is in, calls no other, and
// counts as an ordinary one from now on. The next end calls them all again, because a pool's worker
// may have taken the word to end for nothing.
//
// A callback that has begun sets its module's mark first, and then blocks. So this waits until it has
// done so, and takes the mark back then. The wait ends soon: the callback is at its first lines, or
// the thread is about to end, because it has found its own mark gone or a callback has failed.
inline constexpr const char *take_back_exit_callbacks_source = R"(
def take_back_exit_callbacks():
    import sys, time
    threading = sys.modules.get("threading")
    threads = threading.enumerate() if hasattr(threading, "_shutdown") else ()  # it may be half imported
    callers = [t for t in threads if t.__dict__.pop("_holdfast_calls_exit_callbacks", False)]

    def is_in(caller, name):
        called = getattr(caller, "_holdfast_called", None)  # partial() of the callback, or a lambda
        inner = [getattr(called, "func", None), *(c.cell_contents for c in getattr(called, "__closure__", None) or ())]
        return caller.is_alive() and any(getattr(each, "__module__", None) == name for each in inner)

    end = time.monotonic() + 0.1  # half the time that reopen() has
    for name, mark in ("concurrent.futures.thread", "_shutdown"), ("concurrent.futures.process", "_global_shutdown"):
        module = sys.modules.get(name)
        if not hasattr(module, mark):
            continue
        while not getattr(module, mark) and any(is_in(t, name) for t in callers) and time.monotonic() < end:
            time.sleep(0.001)
        setattr(module, mark, False)
)";

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void take_back_exit_callbacks() noexcept {
    const owned function =
        defined_by(take_back_exit_callbacks_source, "<holdfast>", "take_back_exit_callbacks");
    const owned done(function ? PyObject_CallNoArgs(function.get()) : nullptr);
    if (!done)
        PyErr_WriteUnraisable(nullptr);
}

/// Whether nobody wants it to be taken back any more: the next end may have begun.
HOLDFAST_DETAIL_COLD inline bool is_withdrawn(const std::atomic<bool> *withdrawn) noexcept {
    return withdrawn != nullptr && withdrawn->load(std::memory_order_acquire);
}

/// Takes back the interruptions that threads have not received.
///
/// Only finalize() raises exactly this class; the exception of a limit is of a derived one. It is not
/// known here which threads have it: the end of a within() raises it in finalize()'s place, if the
/// thread's record in the gate says that it was interrupted (deadline.ipp). Those records have been
/// cleared, and a within() asks for its own once more after it has raised the exception. So if it
/// found the record cleared, it has taken the exception back itself; else it raised it before the
/// record was cleared, and this finds it.
/// \param withdrawn  see raise_attempt; it is read while no other thread runs.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void take_back_interruptions(
    const std::atomic<bool> *withdrawn) noexcept {
    PyObject *const type = interrupted_type();
    PyErr_Clear();
    bool found = false;
    for_each_state(PyInterpreterState_Get(), [&](PyThreadState *state) noexcept {
        if (is_withdrawn(withdrawn) || type == nullptr || state->async_exc != type)
            return;
        found = true;
#if HOLDFAST_HAS_ASYNC_EXCEPTION_BIT
        exchange_async_exception(state, nullptr);
#else
        Py_CLEAR(state->async_exc);
#endif
    });
#if !HOLDFAST_HAS_ASYNC_EXCEPTION_BIT
    // The interpreter looks for an exception until some thread receives one.
    if (found) {
        PyThreadState *const own = PyThreadState_Get();
        set_async_exception(own, type);
        discard_async_exception(own);
    }
#else
    (void)found;
#endif
}

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void take_back_here(
    const told_to_end &told, const std::atomic<bool> *withdrawn = nullptr) noexcept {
    if (told.threads_inside)
        take_back_interruptions(withdrawn);
    if (told.python_threads && !is_withdrawn(withdrawn))
        take_back_exit_callbacks();
}

/// How long another thread may hold the interpreter.
inline constexpr std::chrono::milliseconds patience_for_taking_back{200};

/// Takes it back in an interpreter whose gate is closed. False: another thread has held the
/// interpreter for long. Then no interruption is taken back later, nor is anything begun; but a
/// helper that has begun with the exit callbacks goes on.
///
/// A thread that is not attached there leaves the work to an attach helper: the time that its own
/// attach would take has no limit. Only if the system has no thread for that it attaches itself.
HOLDFAST_DETAIL_COLD inline bool take_back_in_closed(interpreter_ref its, const told_to_end &told) {
    interpreter_record &record = *its.record;
    // holdfast: ignore[HF601] attached() says so
    if (attached() && PyInterpreterState_Get() == record.interpreter.load()) {
        const saved_error aside;  // holdfast: ignore[HF601, HF617] attached() has said so
        take_back_here(told);     // holdfast: ignore[HF601, HF617] the same
        return true;
    }
    const detach_guard detached;
    helper_work work;
    work.told = told;
    work.run = [](helper_work &its_work) { take_back_here(its_work.told, its_work.withdrawn); };
    const attach_helper_end end = ask_attach_helper(
        record, work, std::chrono::steady_clock::now() + patience_for_taking_back);
    if (end != attach_helper_end::not_sent)
        return end == attach_helper_end::back;
    const gate_pass present(record.door, true, this_thread_ident(), call_site::current());
    const attach_guard inside(interpreter_view(its), std::nothrow);
    if (!inside)
        return false;
    take_back_here(told);
    return true;
}

/// Before the gate opens again. If another thread holds the interpreter for long, it takes back
/// nothing, or a part. If there is no memory for a thread that helps, this one attaches itself, which
/// has no limit; if there is none for asking, it takes back nothing.
HOLDFAST_DETAIL_COLD inline void take_back(interpreter_ref its, told_to_end &told) noexcept {
    // First: a call with a limit that ends from now on does not raise finalize()'s exception again.
    its.record->door.forget_interruptions();
    if (!told.python_threads && !told.threads_inside)
        return;
    const cancellation_held_off until_done;  // it waits, and nothing may come out of here
    try {
        if (take_back_in_closed(its, told))
            told = {};
    } catch (const std::exception &) {}
}

/// The same for the children of an interpreter, which its finalize() has closed. The caller has not
/// opened the gate yet.
HOLDFAST_DETAIL_COLD inline void take_back_from_children(interpreter_record &record) noexcept {
    const cancellation_held_off until_done;
    const detach_guard detached;
    round_of_ends round(record.children, std::chrono::steady_clock::time_point::max());
    while (child *const one = round.next()) {
        const child_given_back at_end{record.children};
        if (one->reopening != nullptr)
            one->reopening(*one);
    }
}

}  // namespace holdfast::detail
