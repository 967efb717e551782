// A function that Python calls is given objects that it may keep.
#include <holdfast/callable.hpp>

holdfast::object made() {
#ifdef FIXED
    return holdfast::callable("peek", [](const holdfast::object &value) { return value.get() != nullptr; });
#else
    return holdfast::callable("peek", [](PyObject *value) { return value != nullptr; });  // expect: take it as const holdfast::object &
#endif
}
