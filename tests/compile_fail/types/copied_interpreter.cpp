// One object owns Python: everybody else has a view.
#include <holdfast/holdfast.hpp>

void work() {
    const holdfast::interpreter python;
#ifdef FIXED
    const holdfast::interpreter_view shared = python.view();
#else
    const holdfast::interpreter shared = python;  // expect: deleted .*interpreter
#endif
    (void)shared;
}
