// Inside a library's outermost PyGILState scope, our guard borrows the library's state, and the library deletes it.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        for (int round = 0; round < 100; ++round) {
            const PyGILState_STATE outer = PyGILState_Ensure();
            PyThreadState *const theirs = PyThreadState_Get();
            {
                const holdfast::attach_guard attached(python.view());
                CHECK(PyThreadState_Get() == theirs);
                run_python("x = 1");
                const holdfast::detach_guard detached;
                const holdfast::attach_guard again(python.view());
                CHECK(PyThreadState_Get() == theirs);
            }
            CHECK(PyThreadState_Get() == theirs);
            PyThreadState *const saved = PyEval_SaveThread();
            {
                const holdfast::attach_guard attached(python.view());  // the library is detached
                CHECK(PyThreadState_Get() == theirs);
                run_python("x = 2");
                CHECK(count_thread_states() == 2);
            }
            CHECK(!holdfast::attached());
            PyEval_RestoreThread(saved);
            PyGILState_Release(outer);
            CHECK(!holdfast::attached());
        }
        const holdfast::attach_guard attached(python.view());  // now with a state of our own
        run_python("x = 3");
        CHECK(count_thread_states() == 2);
    }).join();
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
