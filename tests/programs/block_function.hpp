// block_function.hpp: a function for Python that waits, detached, until the program lets it go on.
#pragma once

#include <holdfast/interpreter.hpp>

#include "check.hpp"
#include "event.hpp"

namespace block_function {

inline event inside;  // set by its only call
inline event go;

inline PyObject *block(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    }
    Py_RETURN_NONE;
}

inline PyMethodDef method{"block", &block, METH_NOARGS, nullptr};

/// Adds it to __main__, as block(). Attached.
inline void add() {
    PyObject *const function = PyCFunction_New(&method, nullptr);
    CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "block",
                               function) == 0);
    Py_DECREF(function);
}

}  // namespace block_function
