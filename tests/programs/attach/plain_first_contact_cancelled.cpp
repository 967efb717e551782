// pthread_cancel() of a thread that is the first to attach to a Python of other code takes effect afterwards.
#include <holdfast/thread_state.hpp>

#include <new>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

int main() {
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    bool was_admitted = false;
    on_cancelled_thread([&] {
        CHECK(pthread_cancel(pthread_self()) == 0);
        const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);
        was_admitted = static_cast<bool>(attached);
    });
    CHECK(was_admitted);
    PyEval_RestoreThread(main_state);
    CHECK(Py_FinalizeEx() == 0);
}
