// Without a name, a guard ends with its own line.
#include <holdfast/holdfast.hpp>

void run(const holdfast::interpreter_view &view) {
#ifdef FIXED
    const holdfast::attach_guard attached{view};
#else
    holdfast::attach_guard{view};  // expect: ignoring .*attach_guard.*nodiscard
#endif
    PyRun_SimpleString("pass");
}
