// holdfast/attach/thread_tools.hpp: tracing and profiling functions, for threads that Python did not
// start.
//
// Debuggers, coverage and profilers leave a function in `threading` that each new thread is to
// install in itself (threading.settrace() and setprofile()). threading does that for the threads
// that it starts, and this file for the others.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// The function that `threading` keeps in `variable`, or threading.`getter`() where there is no such
/// variable. The variable is read first, because almost always it is None, and only C code runs
/// then: a getter is bytecode, at which the thread may have to give up the GIL in its first attach.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline PyObject *kept_tool(
    PyObject *threading, const char *variable, const char *getter) noexcept {
    if (PyObject *const tool = PyObject_GetAttrString(threading, variable))
        return tool;
    PyErr_Clear();
    return PyObject_CallMethod(threading, getter, nullptr);
}

/// Calls sys.`install` with `tool`, unless that is None. Before, makes the thread known to
/// `threading`: debugpy does not trace threads that are not.
/// \param tool  null: an exception is set, and it is reported.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline void start_thread_tool(
    PyObject *threading, PyObject *tool, const char *install) noexcept {
    if (tool != nullptr && tool != Py_None) {
        PyObject *const thread = PyObject_CallMethod(threading, "current_thread", nullptr);
        PyObject *const installer = PySys_GetObject(install);  // borrowed
        PyObject *const done = thread != nullptr && installer != nullptr
                                   ? PyObject_CallFunctionObjArgs(installer, tool, nullptr)
                                   : nullptr;
        Py_XDECREF(thread);
        Py_XDECREF(done);
    }
    Py_XDECREF(tool);
    if (PyErr_Occurred() != nullptr)
        PyErr_WriteUnraisable(threading);
}

/// With a new thread state, before the thread runs Python code. Without `threading` there is no tool.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void start_thread_tools() noexcept {
    const cancellation_held_off until_started;  // Python code waits, and nothing may come out here
    PyObject *const name = PyUnicode_InternFromString("threading");
    PyObject *const threading = name != nullptr ? PyImport_GetModule(name) : nullptr;
    Py_XDECREF(name);
    if (threading == nullptr)
        return PyErr_Clear();
    start_thread_tool(threading, kept_tool(threading, "_trace_hook", "gettrace"), "settrace");
    start_thread_tool(threading, kept_tool(threading, "_profile_hook", "getprofile"), "setprofile");
    Py_DECREF(threading);
}

/// At the thread's exit, before its state runs Python code for the last time. A profiler may keep
/// what it needs in a thread_local variable, which is gone by now: memray does.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void stop_thread_tools(
    const PyThreadState *state) noexcept {
    if (state->c_profilefunc != nullptr)
        PyEval_SetProfile(nullptr, nullptr);
    if (state->c_tracefunc != nullptr)
        PyEval_SetTrace(nullptr, nullptr);
}

}  // namespace holdfast::detail
