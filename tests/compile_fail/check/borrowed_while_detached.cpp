// object::borrow() and object::steal() say in their declarations that the caller must be attached.
#include <holdfast/objects/object.hpp>

PyObject *wrong(PyObject *, PyObject *argument) {
    const holdfast::detach_guard detached;
    const holdfast::object kept = holdfast::object::borrow(argument);  // expect: HF601 borrow\(\) is called without an attached thread state
    return nullptr;
}

PyObject *right(PyObject *, PyObject *argument) {
    const holdfast::object kept = holdfast::object::borrow(argument);
    const holdfast::detach_guard detached;
    return nullptr;
}
