// A guard stands for one thread's scope: a second one is another attach, not a copy.
#include <holdfast/holdfast.hpp>

void twice(const holdfast::interpreter_view &view) {
    const holdfast::attach_guard first(view);
#ifdef FIXED
    const holdfast::attach_guard second(view);
#else
    const holdfast::attach_guard second(first);  // expect: deleted .*attach_guard
#endif
}
