// A new reference that nobody keeps is a leak written down.
#include <holdfast/holdfast.hpp>

HOLDFAST_REQUIRES_ATTACHED void remember(PyObject *value) {
#ifdef FIXED
    const holdfast::object kept = holdfast::object::borrow(value);
#else
    holdfast::object::borrow(value);  // expect: ignoring .*borrow.*nodiscard
#endif
}
