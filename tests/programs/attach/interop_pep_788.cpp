// CPython's own PyThreadState_Ensure and Release nest with our guards in either order.
// python: >=3.15
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        PyInterpreterView *const theirs = PyInterpreterView_FromMain();
        CHECK(theirs != nullptr);
        for (int round = 0; round < 100; ++round) {
            {
                const holdfast::attach_guard attached(python.view());
                auto *const nested = PyThreadState_EnsureFromView(theirs);
                CHECK(nested != nullptr);
                run_python("x = 1");
                PyThreadState_Release(nested);
                const holdfast::detach_guard detached;
                auto *const back = PyThreadState_EnsureFromView(theirs);
                CHECK(back != nullptr);
                run_python("x = 2");
                PyThreadState_Release(back);
                CHECK(!holdfast::attached());
            }
            auto *const outer = PyThreadState_EnsureFromView(theirs);
            CHECK(outer != nullptr);
            {
                const holdfast::attach_guard nested(python.view());
                run_python("x = 3");
                const holdfast::detach_guard detached;
                const holdfast::attach_guard again;
                CHECK(count_thread_states() == 2);
            }
            PyThreadState_Release(outer);
            CHECK(!holdfast::attached());
        }
        PyInterpreterView_Close(theirs);
    }).join();
    std::thread([&] {  // theirs first: a state that they make and delete
        PyInterpreterView *const theirs = PyInterpreterView_FromMain();
        auto *const outer = PyThreadState_EnsureFromView(theirs);
        {
            const holdfast::attach_guard nested(python.view());
            run_python("x = 4");
        }
        PyThreadState_Release(outer);
        PyInterpreterView_Close(theirs);
        const holdfast::attach_guard attached(python.view());
        run_python("x = 5");
        CHECK(count_thread_states() == 2);
    })
        .join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
