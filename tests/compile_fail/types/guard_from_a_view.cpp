// To attach is a decision: a function that wants proof of it does not attach by accident.
#include <holdfast/holdfast.hpp>

void log_event(const holdfast::attach_guard &proof);

void event(const holdfast::interpreter_view &view) {
#ifdef FIXED
    const holdfast::attach_guard attached(view);
    log_event(attached);
#else
    log_event(view);  // expect: (invalid initialization|no matching).*(attach_guard|log_event)
#endif
}
