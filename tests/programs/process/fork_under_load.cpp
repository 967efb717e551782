// Raw forks while other threads attach without pause never copy a lock that stays locked for ever.
// deadline: 60
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::atomic<bool> stop{false};
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i)
        workers.emplace_back([&] {
            while (!stop.load()) {
                std::thread([&] {  // links and unlinks entries, which the gate's mutex guards
                    const holdfast::attach_guard attached(python.view());
                    const holdfast::interpreter_guard guard(python.view());
                })
                    .join();
            }
        });
    for (int round = 0; round < 100; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            const holdfast::interpreter_guard guard(python.view(), std::nothrow);
            const holdfast::attach_guard attached(python.view(), std::nothrow);
            _exit(!attached && !guard && !python.view().alive() ? 9 : 1);
        }
        CHECK(status_of(child) == 9);
    }
    stop.store(true);
    for (std::thread &worker : workers)
        worker.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
