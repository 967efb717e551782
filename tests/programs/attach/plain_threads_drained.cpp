// In a host that starts and ends Python itself, Py_FinalizeEx() waits for the threads inside, then refuses all.
#include <holdfast/thread_state.hpp>

#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    for (int round = 0; round < 3; ++round) {
        Py_InitializeEx(0);
        PyThreadState *const main_state = PyEval_SaveThread();
        std::atomic<long> admitted{0};
        std::atomic<long> completed{0};
        std::vector<std::thread> workers;
        for (int i = 0; i < 8; ++i)
            workers.emplace_back([&] {
                for (;;) {
                    const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);
                    if (!attached)
                        return;
                    admitted.fetch_add(1);
                    run_python("x = sum(range(10))");
                    completed.fetch_add(1);
                }
            });
        while (completed.load() < 200)
            std::this_thread::yield();
        PyEval_RestoreThread(main_state);
        CHECK(Py_FinalizeEx() == 0);
        const long at_the_end = admitted.load();
        CHECK(completed.load() == at_the_end);
        for (std::thread &worker : workers)
            worker.join();
        CHECK(admitted.load() == at_the_end);
        CHECK(!holdfast::main_view().alive());
    }
}
