// What declarations say about their callers: ours, and the code's own.
#include <Python.h>

#include <holdfast/holdfast.hpp>

HOLDFAST_REQUIRES_ATTACHED void elsewhere(int number);
HOLDFAST_REQUIRES_ATTACHED void here() { PyErr_Clear(); }
void silent() { PyErr_Clear(); }  // expect HF602

PyObject *wrong(PyObject *, PyObject *argument) {
    const holdfast::detach_guard detached;
    elsewhere(1);                                   // expect HF601
    here();                                         // expect HF601
    (void)holdfast::object::borrow(argument);  // expect HF601
    const holdfast::attach_guard attached;
    elsewhere(2);
    return holdfast::object::borrow(argument).release();
}

void end(const holdfast::python_error &error) {
    const holdfast::detach_guard detached;
    error.restore();  // expect HF601
}
