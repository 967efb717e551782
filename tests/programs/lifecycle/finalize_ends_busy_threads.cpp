// Eight threads that attach without pause, by view and by guard, cannot prevent finalize() from ending.
// deadline: 60
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    std::atomic<long> admitted{0};
    std::atomic<long> completed{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 8; ++i)
        workers.emplace_back([&, by_guard = i % 2 == 0] {
            while (by_guard) {
                const holdfast::interpreter_guard guard(view, std::nothrow);
                if (!guard)
                    return;
                const holdfast::attach_guard attached(guard);
                admitted.fetch_add(1);
                run_python("x = 1");
                completed.fetch_add(1);
            }
            for (;;) {
                const holdfast::attach_guard attached(view, std::nothrow);
                if (!attached)
                    return;
                admitted.fetch_add(1);
                run_python("x = 2");
                completed.fetch_add(1);
            }
        });
    while (completed.load() < 1000)
        std::this_thread::yield();
    CHECK(python.finalize(std::chrono::seconds(30)));
    const long at_the_end = admitted.load();
    CHECK(completed.load() == at_the_end);
    for (std::thread &worker : workers)
        worker.join();
    CHECK(admitted.load() == at_the_end);  // nobody came in afterwards
}
