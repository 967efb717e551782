// A library that makes and deletes thread states on our threads does not disturb the cached one.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

/// What some libraries do around a callback, even if the thread already has a state.
void with_a_state_of_its_own() {
    PyThreadState *const state = PyThreadState_New(PyInterpreterState_Main());
    PyEval_RestoreThread(state);
    run_python("x = 'theirs'");
#if PY_VERSION_HEX >= \
    0x030C0000  // before, nobody can tell that this thread is attached: PyGILState neither
    {
        const holdfast::attach_guard nested;
        CHECK(PyThreadState_Get() == state);
        run_python("x = 'ours, nested'");
    }
#endif
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        for (int round = 0; round < 100; ++round) {
            {
                const holdfast::attach_guard attached(python.view());
                run_python("x = 1");
                CHECK(count_thread_states() == 2);
            }
            with_a_state_of_its_own();
            CHECK(!holdfast::attached());
        }
    }).join();
    std::thread([&] {
        with_a_state_of_its_own();  // before our first attach
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 2);
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
