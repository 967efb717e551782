// python_error::restore() sets Python's error indicator, which only an attached thread has.
#include <holdfast/objects/python_error.hpp>

void wrong(const holdfast::python_error &error) {
    const holdfast::detach_guard detached;
    error.restore();  // expect: HF601 restore\(\) is called without an attached thread state
}

void right(const holdfast::python_error &error) {
    const holdfast::attach_guard attached;
    error.restore();
}
