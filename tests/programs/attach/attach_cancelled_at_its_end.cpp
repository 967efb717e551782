// pthread_cancel() of a thread whose guard ends with an exception left takes effect after the guard.
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

/// Up to 3.12 the guard's end runs a bytecode to discard it, and hands the GIL to a thread that has
/// waited for long.
void *leave_an_asynchronous_exception(void *) {
    {
        const holdfast::attach_guard attached;
        CHECK(PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_KeyboardInterrupt) == 1);
        const auto end = std::chrono::steady_clock::now() + 100ms;  // the others ask meanwhile
        while (std::chrono::steady_clock::now() < end) {}
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
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
    CHECK(python.finalize(30s));
}
