// pthread_cancel() of a thread that waits to attach takes effect after the wait; others can still attach.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

using namespace std::chrono_literals;

namespace {

std::atomic<int> turns{0};
std::atomic<int> unwound{0};

struct witness {
    ~witness() { ++unwound; }
};

/// Waits in the constructor, and in the destructor of the detach_guard.
void *attach_for_ever(void *) {
    const witness here;
    for (;;) {
        const holdfast::attach_guard attached;
        { const holdfast::detach_guard detached; }
        ++turns;
    }
}

void *attach_by_view_for_ever(void *view) {
    const witness here;
    for (;;) {
        const holdfast::attach_guard attached(*static_cast<holdfast::interpreter_view *>(view));
        ++turns;
    }
}

void cancel_while_others_are_busy(void *(*run)(void *), holdfast::interpreter_view view,
                                  int times) {
    for (int i = 0; i < times; ++i) {
        const int before = turns;
        const pthread_t waiter = started_thread(run, &view);
        while (turns == before)
            std::this_thread::yield();
        CHECK(pthread_cancel(waiter) == 0);
        CHECK(end_of(waiter) == PTHREAD_CANCELED);
    }
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec("go = True");
    std::thread busy([] { holdfast::exec("while go: pass"); });
    cancel_while_others_are_busy(&attach_for_ever, python.view(), 20);
    cancel_while_others_are_busy(&attach_by_view_for_ever, python.view(), 20);
    CHECK(unwound == 40);
    holdfast::exec("go = False");
    busy.join();
    CHECK(python.finalize(30s));
}
