// A function with the annotation is taken to be attached; its callers are held to it.
#include <holdfast/thread_state.hpp>

HOLDFAST_REQUIRES_ATTACHED void forget() { PyErr_Clear(); }

PyObject *wrong(PyObject *, PyObject *) {
    const holdfast::detach_guard detached;
    forget();  // expect: HF601 forget\(\) is called without an attached thread state
    return nullptr;
}

PyObject *right(PyObject *, PyObject *) {
    const holdfast::detach_guard detached;
    const holdfast::attach_guard attached;
    forget();
    return nullptr;
}
