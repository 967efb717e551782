// HOLDFAST_REQUIRES_ATTACHED demands what only the function's own file could show.
#include <holdfast/annotations.hpp>
#include <holdfast/thread_state.hpp>

#include <thread>

HOLDFAST_REQUIRES_ATTACHED void log_event(int number);

static void wrong() {
    log_event(1);  // expect: HF607 log_event\(\) is called by a thread that never attached
}

static void right() {
    const holdfast::attach_guard attached;
    log_event(2);
}

void start() {
    std::thread(wrong).detach();
    std::thread(right).detach();
}
