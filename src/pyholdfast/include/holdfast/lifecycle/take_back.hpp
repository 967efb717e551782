// holdfast/lifecycle/take_back.hpp: reopen() takes back what a finalize() that ran into its limit has told Python's threads.
//
// Two things would otherwise outlast it. The callbacks with which Python tells thread pools to end
// leave marks in their modules, after which no pool takes work. And a thread that was interrupted
// while it was blocked in C would get its exception in the work that it is meant to go on with.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/interrupts/others_stopped.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/lifecycle/told_to_end.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

// A thread that is still calling callbacks is an ordinary one from now on: the next end calls them
// again, because a pool's worker may have taken the word to end for nothing.
inline constexpr const char *take_back_exit_callbacks_source = R"(
def take_back_exit_callbacks():
    import sys
    threading = sys.modules.get("threading")
    for thread in threading.enumerate() if threading is not None else ():
        thread.__dict__.pop("_holdfast_calls_exit_callbacks", None)
    for name, mark in ("concurrent.futures.thread", "_shutdown"), ("concurrent.futures.process", "_global_shutdown"):
        module = sys.modules.get(name)
        if hasattr(module, mark):
            setattr(module, mark, False)
)";

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void take_back_exit_callbacks() noexcept {
    const owned function =
        defined_by(take_back_exit_callbacks_source, "<holdfast>", "take_back_exit_callbacks");
    const owned done(function ? PyObject_CallNoArgs(function.get()) : nullptr);
    if (!done)
        PyErr_WriteUnraisable(nullptr);
}

/// Takes back the interruptions that these threads have not received.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void take_back_interruptions(
    const std::vector<std::uint64_t> &told) noexcept {
    PyObject *const type = interrupted_type();
    PyErr_Clear();
    const auto is_told = [&](const PyThreadState *state) {
        return std::find(told.begin(), told.end(), state->thread_id) != told.end();
    };
    bool found = false;
    while_others_are_stopped([&] {
        for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
             state != nullptr; state = PyThreadState_Next(state)) {
            if (type == nullptr || state->async_exc != type || !is_told(state))
                continue;
            found = true;
#if HOLDFAST_HAS_ASYNC_EXCEPTION_BIT
            exchange_async_exception(state, nullptr);
#else
            Py_CLEAR(state->async_exc);
#endif
        }
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

/// Before the gate opens again. On the main thread, attached, or detached with `main_state`. If
/// another thread holds the interpreter for long, it takes back nothing.
HOLDFAST_DETAIL_COLD inline void take_back(interpreter_record &record, PyThreadState *main_state,
                                           told_to_end &told) {
    if (!told.python_threads && told.interrupted.empty())
        return;
    const bool was_attached = attached();
    if (!was_attached) {
        if (!can_attach(record, std::chrono::steady_clock::now() + std::chrono::milliseconds(200)))
            return;
        PyEval_RestoreThread(main_state);
    }
    {
        const saved_error aside;
        if (!told.interrupted.empty())
            take_back_interruptions(told.interrupted);
        if (told.python_threads)
            take_back_exit_callbacks();
    }
    told = {};
    if (!was_attached)
        PyEval_SaveThread();
}

}  // namespace holdfast::detail
