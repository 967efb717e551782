// Static destructors and atexit() handlers that attach after Python's end are refused; they neither hang nor crash.
#include <holdfast/interpreter.hpp>

#include <cstdlib>
#include <new>

#include "check.hpp"

namespace {

holdfast::interpreter_view view;
int refusals = 0;

void attach_late() {
    if (holdfast::attach_guard(view, std::nothrow).reason() != holdfast::closed_reason::finalized)
        std::_Exit(1);
    try {
        const holdfast::attach_guard late;
        std::_Exit(2);
    } catch (const holdfast::closed_error &) {
        ++refusals;
    }
}

struct late_user {
    ~late_user() {
        attach_late();
        if (refusals != 2)
            std::_Exit(3);
    }
} user;

}  // namespace

int main() {
    CHECK(std::atexit(&attach_late) == 0);
    holdfast::interpreter python;
    view = python;
    const holdfast::attach_guard attached(view);
    CHECK(attached);
}
