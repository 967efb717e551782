/* Calls through the tables of other extension modules. */
#include <Python.h>

#include "library_tables.h"

#define CHECKED(condition) ((condition) ? (void)0 : Py_FatalError("wrong"))

PyObject *compares(PyObject *self, PyObject *arguments) {
    (void)self, (void)arguments;
    const long sizes[] = {2, 3};
    long size;
    PyObject *made = PyArray_Zeros(2, sizes);
    Py_BEGIN_ALLOW_THREADS
    size = PyArray_MultiplyList(sizes, 2) + PyArray_SIZE(sizes, 2);
    size += PyArray_CompareLists(sizes, sizes, 2) && PyArray_SAMESHAPE(sizes, sizes, 2);
    size += PyArray_CheckStrides(8, 2, 0, 0, sizes, sizes);
    CHECKED(PyArray_EquivTypenums(1, 2));  // expect HF601
    made = PyArray_ToList(made);  // expect HF601
    Py_END_ALLOW_THREADS
    return size ? made : NULL;
}
int handles_event(PyObject *handler) {
    const int state = pyg_gil_state_ensure();
    PyObject *result = PyObject_CallNoArgs(handler);
    if (result == NULL)
        return -1;  // expect HF603
    Py_DECREF(result);
    pyg_gil_state_release(state);
    PyErr_Clear();  // expect HF601
    return 0;
}
