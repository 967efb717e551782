// holdfast/lifecycle/python_threads.hpp: waits for threads that did not come through the gate.
//
// Py_FinalizeEx waits without a limit for Python's own non-daemon threads, and destroys the
// interpreter while threads that used PyGILState_Ensure still run in it. Both are waited for here,
// with a limit, and reported.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <string>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/interrupts/frames.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/clock.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/report.hpp>

namespace holdfast::detail {

// First do what Python's own shutdown would do first: call the callbacks with which thread pools
// tell their workers to end. They may block, so a daemon thread runs them, and it counts as a thread
// that is left until they have returned: Py_FinalizeEx would call them again, without a limit.
//
// The threads go on meanwhile: they may import threading, start threads and pools, and register
// callbacks. So each round looks anew, and a wait for one thread takes no longer than a round. No
// thread is alone with what it reads: `_threading_atexits` only grows, at its end, and its length is
// read before its items. What comes after the last round is CPython's to call, as after a
// Py_FinalizeEx() without us.
//
// A signal handler may raise anything here, and whatever is raised, the threads that are left are
// reported. Up to 3.12 an interrupted join() also takes a living thread for one that has ended: then
// join() returns at once, but the thread stays in enumerate().
inline constexpr const char *wait_for_threads_source = R"(
def wait_for_threads(limit, with_unregistered, threads_in_python, stacks_of_interpreter):
    import sys, _thread, time
    round_s = 0.05
    threading = None
    told = 0  # so many of the callbacks have been called, or are being called
    end = None if limit < 0 else time.monotonic() + limit
    own = _thread.get_ident()

    def left():
        return None if end is None else max(0.0, end - time.monotonic())

    def find_threading():
        nonlocal threading
        found = sys.modules.get("threading")
        threading = found if hasattr(found, "_shutdown") else None  # another thread is importing it

    def calls_callbacks(thread):
        return getattr(thread, "_holdfast_calls_exit_callbacks", 0)

    # Not the "main thread": in a sub-interpreter that is the process's, or the one that imported threading.
    def python_threads(daemon):
        if threading is None:
            return []
        return [t for t in threading.enumerate() if t.ident != own and t.daemon is daemon and not calls_callbacks(t)
                and not isinstance(t, (threading._DummyThread, threading._MainThread))]

    # Since this call, or since an earlier one that ran into its limit.
    def callers():
        return [] if threading is None else [t for t in threading.enumerate() if calls_callbacks(t)]

    # Debuggers hide their own threads from threading.enumerate(), and end them when Python ends.
    def hidden_threads():
        found = set()
        for ident, frame in sys._current_frames().items():
            while frame is not None and frame.f_code is not threading.Thread._bootstrap.__code__:
                frame = frame.f_back
            if frame is not None:
                found.add(ident)
        return found

    def strangers():
        if not with_unregistered:
            return set()
        known = {t.ident for t in python_threads(True) + python_threads(False) + callers()}
        found = threads_in_python() - known - {own}
        return found - hidden_threads() if found and threading is not None else found

    # reopen() takes the caller's mark away, and then no further one is called: it would tell pools to
    # end that were made since. The caller says what it calls next and then looks at its mark; reopen()
    # takes the mark and then looks at what is called. So either the caller finds its mark gone, or
    # reopen() knows which callback has begun (take_back.hpp). Both are attributes of one object, and
    # Python makes each store and each load in the order of the code, with or without a GIL.
    def call(callbacks, caller=None):
        threading.current_thread()._daemonic = False  # threads that the callbacks start inherit it
        for callback in callbacks:
            if caller is not None:
                caller._holdfast_called = callback
                if not calls_callbacks(caller):
                    return
            callback()

    def start_caller(callbacks, daemon):
        caller = threading.Thread(target=lambda: call(callbacks, caller), daemon=daemon)
        caller._holdfast_calls_exit_callbacks = told
        caller.start()

    def call_new_callbacks():
        nonlocal told
        find_threading()
        # A pool that was made on a thread of the host has daemon threads, which its callback waits for.
        if not python_threads(False) and not python_threads(True):
            return
        known = getattr(threading, "_threading_atexits", [])
        before = max([told, *map(calls_callbacks, callers())])
        told = len(known)
        callbacks = known[before:told][::-1]
        if not callbacks:
            return
        try:
            start_caller(callbacks, True)
        except RuntimeError:  # a sub-interpreter without daemon threads
            try:
                start_caller(callbacks, False)
            except RuntimeError:  # no thread can be started: they may block here
                call(callbacks)

    problem = None
    try:
        call_new_callbacks()
        while left() != 0.0:
            # Strangers first: one may register a callback, start a thread and end. Callbacks, too, may
            # start threads.
            others = strangers()
            call_new_callbacks()
            threads = python_threads(False) or callers()
            if not threads and not others:
                break
            for thread in threads[:1]:
                if thread.is_alive():
                    thread.join(round_s if end is None else min(round_s, left()))
                else:  # it is about to start or to end, or an interrupted join() took it for ended
                    time.sleep(0.001)
            if not threads:
                time.sleep(0.001)
            call_new_callbacks()
        # However short the limit is, callbacks that do not block are not left behind.
        patience = time.monotonic() + 0.2
        while callers() and not python_threads(False) and time.monotonic() < patience:
            time.sleep(0.001)
    except BaseException as raised:
        problem = raised
    late, blocked, unknown = python_threads(False), callers(), strangers()
    if not late and not blocked and not unknown:
        return problem, []
    stacks = stacks_of_interpreter()
    import traceback
    def stack(ident):
        return "".join(traceback.format_list(stacks.get(ident, [])))
    found = [(t.native_id or 0, t.name, "a Python thread that is not a daemon", stack(t.ident)) for t in late]
    found += [(t.native_id or 0, t.name, "calls what threading calls at exit, and has not returned", stack(t.ident))
              for t in blocked]
    found += [(0, "", "a thread that came in through PyGILState_Ensure, not through the gate", stack(i)) for i in unknown]
    return problem, found
)";

HOLDFAST_DETAIL_COLD inline std::string text_of(PyObject *value) {
    PyErr_Clear();
    return visible_lines(utf8_of(value));
}

HOLDFAST_DETAIL_COLD inline void read_found_threads(PyObject *found, finalize_report &report) {
    const Py_ssize_t count = PyList_Check(found) != 0 ? PyList_GET_SIZE(found) : 0;
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject *const row = PyList_GET_ITEM(found, i);
        attached_thread thread;
        thread.native_id = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(row, 0));
        thread.name = visible_text(text_of(PyTuple_GET_ITEM(row, 1)));
        thread.where = text_of(PyTuple_GET_ITEM(row, 2));
        thread.python_stack = text_of(PyTuple_GET_ITEM(row, 3));
        thread.since = std::chrono::steady_clock::now();
        report.still_inside.push_back(std::move(thread));
    }
}

/// For Python code: threads_in_python() and stacks_of_interpreter() as functions. New references,
/// or null.
HOLDFAST_DETAIL_COLD inline PyObject *threads_function() noexcept {
    static PyMethodDef definition = {"threads_in_python",
                                     [](PyObject *, PyObject *) { return threads_in_python(); },
                                     METH_NOARGS, nullptr};
    return PyCFunction_New(&definition, nullptr);
}

HOLDFAST_DETAIL_COLD inline PyObject *stacks_function() noexcept {
    static PyMethodDef definition = {"stacks_of_interpreter",
                                     [](PyObject *, PyObject *) { return stacks_of_interpreter(); },
                                     METH_NOARGS, nullptr};
    return PyCFunction_New(&definition, nullptr);
}

/// True if no thread is inside Python code of this interpreter; false if that is not known. The
/// caller must be outside, too.
///
/// This decides whether the interpreter's end can do without the wait for threads, which runs Python
/// code. A thread that could run Python later is either in a Python frame, as every thread of
/// `threading` is from before start() returns until it has ended. Or it came through the gate, which
/// is closed and empty. Or its state has no frame now: code that used PyGILState_Ensure(), which
/// states_of_others() reports, or a thread that _thread has just started, which Python's own end
/// does not wait for either.
HOLDFAST_DETAIL_COLD inline bool no_other_frames() noexcept {
    PyObject *const idents = threads_in_python();
    const bool none = idents != nullptr && PySet_GET_SIZE(idents) == 0;
    PyErr_Clear();
    Py_XDECREF(idents);
    return none;
}

/// Whether to wait for threads that run Python without having come through the gate. A
/// sub-interpreter's end reports them by their thread states instead, whether they run or not.
enum class unregistered_threads : bool { ignored, waited_for };

/// An exception that a signal handler has raised: it ends no more than the wait. Only that of SIGINT
/// is expected; others are written to stderr, as CPython does where it cannot pass them on.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void note_interruption(
    finalize_report &report) noexcept {
    report.interrupted = true;
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) != 0)
        PyErr_Clear();
    else
        PyErr_WriteUnraisable(nullptr);
}

/// One call of wait_for_threads(). False: it failed.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool call_wait_for_threads(
    double limit, finalize_report &report, unregistered_threads others) {
    const owned function = defined_by(wait_for_threads_source, "<holdfast>", "wait_for_threads");
    const owned result(function ? PyObject_CallFunction(function.get(), "diNN", limit,
                                                        others == unregistered_threads::waited_for,
                                                        threads_function(), stacks_function())
                                : nullptr);
    if (!result || PyTuple_Check(result.get()) == 0)
        return false;
    PyObject *const problem = PyTuple_GET_ITEM(result.get(), 0);
    if (problem != Py_None) {
        PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(problem)), problem);
        note_interruption(report);
    }
    read_found_threads(PyTuple_GET_ITEM(result.get(), 1), report);
    return true;
}

/// Waits for Python's threads and unregistered threads, up to the deadline, and reports those that
/// are left. Attached, on the finalizing thread, outside any Python frame.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void wait_for_python_threads(
    std::chrono::steady_clock::time_point deadline, finalize_report &report,
    unregistered_threads others) {
    while (PyErr_CheckSignals() != 0)
        note_interruption(report);
    if (no_other_frames())
        return;
    const auto now = std::chrono::steady_clock::now();
    const double limit = deadline == std::chrono::steady_clock::time_point::max() ? -1.0
                         : deadline <= now ? 0.0
                                           : std::chrono::duration<double>(deadline - now).count();
    if (call_wait_for_threads(limit, report, others))
        return;
    // Perhaps a second signal came while it listed the threads.
    if (PyErr_Occurred() != nullptr)
        note_interruption(report);
    if (!call_wait_for_threads(0.0, report, others) && PyErr_Occurred() != nullptr)
        PyErr_WriteUnraisable(nullptr);  // then Py_FinalizeEx behaves as it does without us
}

}  // namespace holdfast::detail
