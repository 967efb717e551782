// Threads that Python ends or stops while they attach for the first time leave the gate in order.
// python: gil, >=3.11, <3.14
// deadline: 60
#include <holdfast/thread_state.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <thread>

#include "check.hpp"
#include "environment.hpp"

namespace {

constexpr std::size_t threads = 16;

/// The thread states that Python has. Attached, so that none is deleted.
std::size_t states() {
    std::size_t count = 0;
    for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
         state != nullptr; state = PyThreadState_Next(state))
        ++count;
    return count;
}

}  // namespace

// Not on 3.10: a thread that waits for its GIL reads the interpreter, which Python has freed by then.
int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "50");
    const holdfast::detail::gate &door = holdfast::detail::process().main.door;
    Py_InitializeEx(0);
    for (std::size_t i = 0; i < threads; ++i)
        std::thread([] {
            // One may still get in: Py_FinalizeEx() lets the GIL go, to flush a stream for example
            const holdfast::attach_guard hardly_ever(holdfast::main_view(), std::nothrow);
        }).detach();
    while (states() <= threads)  // then they wait for the GIL
        std::this_thread::yield();
    CHECK(door.count() == threads);
    CHECK(Py_FinalizeEx() == 0);
    while (door.count() != 0)  // Python ends them, or they are stopped
        std::this_thread::yield();

    // Only then: Python does not know that a thread waits for a lock of the Python before.
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    for (std::size_t i = 0; i < threads; ++i)
        std::thread([] { const holdfast::attach_guard attached(holdfast::main_view()); }).join();
    PyEval_RestoreThread(main_state);
    CHECK(Py_FinalizeEx() == 0);
    std::_Exit(0);  // the stopped threads cannot be joined
}
