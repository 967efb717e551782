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
// tell their workers to end. They may block, so a daemon thread runs them.
inline constexpr const char *wait_for_threads_source = R"(
def wait_for_threads(limit, with_unregistered, threads_in_python, stacks_of_interpreter):
    import sys, _thread, time
    threading = sys.modules.get("threading")
    end = None if limit < 0 else time.monotonic() + limit
    own = _thread.get_ident()

    def left():
        return None if end is None else max(0.0, end - time.monotonic())

    caller = None

    # Not the "main thread": in a sub-interpreter that is the process's, or the one that imported threading.
    def python_threads(daemon):
        if threading is None:
            return []
        return [t for t in threading.enumerate() if t.ident != own and t.daemon is daemon and t is not caller
                and not isinstance(t, (threading._DummyThread, threading._MainThread))]

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
        known = {t.ident for t in python_threads(True) + python_threads(False)}
        found = threads_in_python() - known - {own, caller.ident if caller is not None else own}
        return found - hidden_threads() if found and threading is not None else found

    def call(callbacks):
        threading.current_thread()._daemonic = False  # threads that the callbacks start inherit it
        for callback in callbacks:
            callback()

    interrupted = False
    try:
        if python_threads(False):
            callbacks = list(reversed(getattr(threading, "_threading_atexits", [])))
            is_awaited = bool(callbacks)
            if callbacks:
                try:
                    caller = threading.Thread(target=call, args=(callbacks,), daemon=True)
                    caller.start()
                except RuntimeError:  # a sub-interpreter without daemon threads: end it with the others
                    caller = None
                    threading.Thread(target=call, args=(callbacks,), daemon=False).start()
            # They may start other threads, which the interpreter's end would also wait for.
            while left() != 0.0:
                threads = python_threads(False)
                for thread in threads:
                    thread.join(left())
                if not threads:
                    if caller is None or not is_awaited:
                        break
                    # It ends in a moment, unless a callback blocks; otherwise it would count as left behind.
                    caller.join(1.0 if end is None else min(1.0, left()))
                    is_awaited = False
        while strangers() and left() != 0.0:
            time.sleep(0.001)
    except KeyboardInterrupt:
        interrupted = True
    late, unknown = python_threads(False), strangers()
    if not late and not unknown:
        return interrupted, []
    stacks = stacks_of_interpreter()
    import traceback
    def stack(ident):
        return "".join(traceback.format_list(stacks.get(ident, [])))
    found = [(t.native_id or 0, t.name, "a Python thread that is not a daemon", stack(t.ident)) for t in late]
    found += [(0, "", "a thread that came in through PyGILState_Ensure, not through the gate", stack(i)) for i in unknown]
    return interrupted, found
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

/// True if only the caller is inside Python code of this interpreter.
HOLDFAST_DETAIL_COLD inline bool no_other_frames() noexcept {
    PyObject *const idents = threads_in_python();
    const bool none = idents != nullptr && PySet_Size(idents) == 0;
    PyErr_Clear();
    Py_XDECREF(idents);
    return none;
}

/// Whether to wait for threads that run Python without having come through the gate. A
/// sub-interpreter's end reports them by their thread states instead, whether they run or not.
enum class unregistered_threads : bool { ignored, waited_for };

/// Waits for Python's threads and unregistered threads, up to the deadline, and reports those that
/// are left. Attached, on the finalizing thread, outside any Python frame.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void wait_for_python_threads(
    std::chrono::steady_clock::time_point deadline, finalize_report &report,
    unregistered_threads others) {
    while (PyErr_CheckSignals() != 0) {
        report.interrupted = true;
        PyErr_Clear();
    }
    if (no_other_frames())
        return;
    const auto now = std::chrono::steady_clock::now();
    const double limit = deadline == std::chrono::steady_clock::time_point::max() ? -1.0
                         : deadline <= now ? 0.0
                                           : std::chrono::duration<double>(deadline - now).count();
    const owned function = defined_by(wait_for_threads_source, "<holdfast>", "wait_for_threads");
    const owned result(function ? PyObject_CallFunction(function.get(), "diNN", limit,
                                                        others == unregistered_threads::waited_for,
                                                        threads_function(), stacks_function())
                                : nullptr);
    if (result && PyTuple_Check(result.get()) != 0) {
        report.interrupted =
            report.interrupted || PyObject_IsTrue(PyTuple_GET_ITEM(result.get(), 0)) != 0;
        read_found_threads(PyTuple_GET_ITEM(result.get(), 1), report);
    } else if (PyErr_Occurred() != nullptr) {
        PyErr_WriteUnraisable(nullptr);  // then Py_FinalizeEx behaves as it does without us
    }
}

}  // namespace holdfast::detail
