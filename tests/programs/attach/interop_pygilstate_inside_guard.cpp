// A library's PyGILState pairs inside our guard, attached or detached, use our state and leave it intact.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        PyThreadState *ours = nullptr;
        for (int round = 0; round < 100; ++round) {
            const holdfast::attach_guard attached(python.view());
            if (ours == nullptr)
                ours = PyThreadState_Get();
            CHECK(PyThreadState_Get() == ours);
            const PyGILState_STATE outer = PyGILState_Ensure();
            CHECK(PyThreadState_Get() == ours);
            {
                const holdfast::detach_guard detached;
                const PyGILState_STATE inner = PyGILState_Ensure();
                CHECK(PyThreadState_Get() == ours);
                {
                    const holdfast::attach_guard within;
                    run_python("x = 1");
                }
                PyGILState_Release(inner);
            }
            PyGILState_Release(outer);
            CHECK(holdfast::attached());
            run_python("x = 2");
            CHECK(count_thread_states() == 2);
        }
        // And between our guards, with the state that we keep.
        const PyGILState_STATE alone = PyGILState_Ensure();
        CHECK(PyThreadState_Get() == ours);
        PyGILState_Release(alone);
        CHECK(!holdfast::attached());
    }).join();
    const holdfast::attach_guard attached(python.view());
    CHECK(count_thread_states() == 1);
}
