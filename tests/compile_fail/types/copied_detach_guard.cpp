// What was detached once comes back once.
#include <holdfast/holdfast.hpp>

void twice() {
    const holdfast::detach_guard first;
#ifdef FIXED
    const holdfast::detach_guard second;
#else
    const holdfast::detach_guard second(first);  // expect: deleted .*detach_guard
#endif
}
