// What is done detached knows nothing of Python.
#include <holdfast/thread_state.hpp>

PyObject *wrong(PyObject *, PyObject *) {
    const holdfast::detach_guard detached;
    PyErr_SetString(PyExc_OSError, "nothing to read");  // expect: HF601 PyErr_SetString\(\) is called without an attached thread state
    return nullptr;
}

PyObject *right(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
    }
    PyErr_SetString(PyExc_OSError, "nothing to read");
    return nullptr;
}
