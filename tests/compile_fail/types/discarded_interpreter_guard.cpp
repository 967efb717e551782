// A guard that is dropped at once holds nothing back.
#include <holdfast/holdfast.hpp>

void keep_alive(const holdfast::interpreter_view &view) {
#ifdef FIXED
    const holdfast::interpreter_guard held{view};
#else
    holdfast::interpreter_guard{view};  // expect: ignoring .*interpreter_guard.*nodiscard
#endif
}
