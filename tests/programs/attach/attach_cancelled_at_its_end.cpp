// pthread_cancel() of a thread whose guard ends, with an exception left or not, takes effect after the guard.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

using namespace std::chrono_literals;

namespace {

/// The guard's end reports it, which writes to stderr.
void *leave_an_error(void *) {
    {
        const holdfast::attach_guard attached;
        PyErr_SetString(PyExc_ValueError, "left behind");
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
}

void run_for_long() {
    const auto end = std::chrono::steady_clock::now() + 100ms;  // the others ask meanwhile
    while (std::chrono::steady_clock::now() < end) {}
}

/// Up to 3.12 the guard's end runs a bytecode to discard it, and hands the GIL to a thread that has
/// waited for long.
void *leave_an_asynchronous_exception(void *) {
    {
        const holdfast::attach_guard attached;
        CHECK(PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_KeyboardInterrupt) == 1);
        run_for_long();
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
}

/// The guard's end hands the GIL over, too.
void *leave_nothing(void *view) {
    {
        const holdfast::attach_guard attached(
            *static_cast<const holdfast::interpreter_view *>(view));
        run_for_long();
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
}

void leave_while_another_waits(holdfast::interpreter_view view) {
    const auto run = [&view](const char *code) {
        const holdfast::attach_guard attached(view);
        holdfast::exec(code);
    };
    run("import time; go = True");
    // It gives the GIL back by itself: up to 3.11 a thread that wants another interpreter, as at its
    // end, cannot ask this one for it.
    std::thread busy(run, "while go: time.sleep(0)");
    for (int i = 0; i < 5; ++i)
        CHECK(end_of(started_thread(&leave_nothing, &view)) == PTHREAD_CANCELED);
    run("go = False");
    busy.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec("go = True");
    CHECK(end_of_thread(&leave_an_error) == PTHREAD_CANCELED);
    std::thread busy([] { holdfast::exec("while go: pass"); });
    for (int i = 0; i < 5; ++i)
        CHECK(end_of_thread(&leave_an_asynchronous_exception) == PTHREAD_CANCELED);
    holdfast::exec("go = False");
    busy.join();
    leave_while_another_waits(python);
    {
        const holdfast::subinterpreter other(python);  // another way to detach
        leave_while_another_waits(other);
    }
    CHECK(python.finalize(30s));
}
