// An interpreter without a name ends Python where it begins.
#include <holdfast/holdfast.hpp>

int start_python() {
#ifdef FIXED
    const holdfast::interpreter python{};
    return python.view().alive() ? 0 : 1;
#else
    holdfast::interpreter{};  // expect: ignoring .*interpreter.*nodiscard
    return 0;
#endif
}
