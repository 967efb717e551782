// If the caller of finalize() is attached, it detaches while it waits, so that workers can end their calls.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    for (const bool by_library : {true, false}) {
        holdfast::interpreter python;
        std::atomic<bool> admitted{false};
        std::atomic<bool> ended{false};
        std::thread worker([&] {
            const holdfast::attach_guard attached(python.view());
            admitted.store(true);
            for (int i = 0; i < 200; ++i) {
                run_python("total = sum(range(1000))");
                const holdfast::detach_guard detached;
            }
            ended.store(true);
        });
        while (!admitted.load())
            std::this_thread::yield();
        if (by_library) {
            PyGILState_Ensure();  // and no Release: there is nothing left to release
        } else {
            // holdfast: ignore[HF605] finalize() has ended the attach of the round before
            PyEval_RestoreThread(PyGILState_GetThisThreadState());
        }
        CHECK(holdfast::attached());
        CHECK(python.finalize(std::chrono::seconds(15)));
        CHECK(ended.load());
        CHECK(!holdfast::attached());
        // holdfast: ignore[HF613] finalize() has ended Python
        worker.join();
    }
}
