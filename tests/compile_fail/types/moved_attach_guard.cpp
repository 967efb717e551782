// An attach belongs to its thread: another one is given the view, and attaches by itself.
#include <holdfast/holdfast.hpp>

#include <thread>
#include <utility>

void hand_over(const holdfast::interpreter_view &view) {
#ifdef FIXED
    std::thread worker([view] { const holdfast::attach_guard inside(view); });
#else
    holdfast::attach_guard attached(view);
    std::thread worker([inside = std::move(attached)] {});  // expect: deleted .*attach_guard
#endif
    worker.join();
}
