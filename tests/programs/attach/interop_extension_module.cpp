// The extension module of interop_extension: native threads that call a Python function until refused.
#include <holdfast/thread_state.hpp>

#include <atomic>
#include <new>
#include <thread>

#include <unistd.h>

#include "check.hpp"

namespace {

std::atomic<int> running{0};
std::atomic<int> admitted{0};
std::atomic<int> completed{0};

/// Destroyed after Python is gone, on the main thread: what must be true by then.
struct last_look {
    bool started = false;
    ~last_look() {
        if (!started)
            return;
        while (running.load() != 0)  // every thread has been refused and has left its loop
            std::this_thread::yield();
        const holdfast::attach_guard late(holdfast::main_view(), std::nothrow);
        if (late || admitted.load() != completed.load())
            _exit(99);
    }
} at_the_end;

void call_back(holdfast::interpreter_view view, PyObject *function) {
    for (;;) {
        const holdfast::attach_guard attached(view, std::nothrow);
        if (!attached)
            break;
        admitted.fetch_add(1);
        PyObject *const result = PyObject_CallNoArgs(function);
        CHECK(result != nullptr);
        Py_DECREF(result);
        completed.fetch_add(1);
    }
    running.fetch_sub(1);
}

PyObject *start(PyObject *, PyObject *arguments) {
    int count = 0;
    PyObject *function = nullptr;
    if (PyArg_ParseTuple(arguments, "iO", &count, &function) == 0)
        return nullptr;
    Py_INCREF(function);  // for good: the threads have it until Python is gone
    at_the_end.started = true;
    for (int i = 0; i < count; ++i) {
        running.fetch_add(1);
        std::thread(call_back, holdfast::current_view(), function).detach();
    }
    Py_RETURN_NONE;
}

/// Waits until a native thread is in a call.
PyObject *wait(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
        while (admitted.load() == completed.load())
            std::this_thread::yield();
    }
    Py_RETURN_NONE;
}

PyObject *nest(PyObject *, PyObject *) {
    PyThreadState *const theirs = PyThreadState_Get();
    for (int i = 0; i < 100; ++i) {
        const holdfast::detach_guard detached;
        const holdfast::attach_guard attached(holdfast::main_view());
        CHECK(PyThreadState_Get() == theirs);
    }
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"start", &start, METH_VARARGS, nullptr},
                         {"wait", &wait, METH_NOARGS, nullptr},
                         {"nest", &nest, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "interop_extension_module",
                          nullptr,
                          0,
                          methods,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_interop_extension_module() { return PyModule_Create(&definition); }
