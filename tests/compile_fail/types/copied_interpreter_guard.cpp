// Who holds finalization back is always one: a guard is moved, or a second one is made of the view.
#include <holdfast/holdfast.hpp>

#include <utility>

void take(holdfast::interpreter_guard held);

void give(const holdfast::interpreter_view &view) {
    holdfast::interpreter_guard held(view);
#ifdef FIXED
    take(std::move(held));
#else
    take(held);  // expect: (deleted|cannot bind|could not convert).*interpreter_guard
#endif
}
