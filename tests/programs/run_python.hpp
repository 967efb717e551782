// run_python.hpp: runs Python source text, for programs that test code below holdfast's own calls.
//
// Plain C API on purpose: nothing here attaches, so only the guard under test does.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <string>

#include "check.hpp"

/// Runs statements in __main__. Attached. An exception is printed and fails the program.
inline void run_python(const char *statements) {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const done = PyRun_String(statements, Py_file_input, names, names);
    if (done == nullptr)
        PyErr_WriteUnraisable(nullptr);
    CHECK(done != nullptr);
    Py_DECREF(done);
}

/// str() of an expression in __main__. Attached.
inline std::string text_of_python(const char *expression) {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const value = PyRun_String(expression, Py_eval_input, names, names);
    if (value == nullptr)
        PyErr_WriteUnraisable(nullptr);
    CHECK(value != nullptr);
    PyObject *const text = PyObject_Str(value);
    CHECK(text != nullptr);
    std::string copy = PyUnicode_AsUTF8(text);
    Py_DECREF(text);
    Py_DECREF(value);
    return copy;
}

/// An integer expression in __main__. Attached.
inline long number_of_python(const char *expression) {
    return std::stol(text_of_python(expression));
}

/// Thread states of the main interpreter. Attached.
inline int count_thread_states() {
    int count = 0;
    for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
         state != nullptr; state = PyThreadState_Next(state))
        ++count;
    return count;
}
