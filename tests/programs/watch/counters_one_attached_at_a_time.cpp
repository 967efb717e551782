// On a build with a GIL, threads that take turns are never counted as attached at the same time.
// python: gil
#include <holdfast/interpreter.hpp>
#include <holdfast/watch/counters.hpp>

#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter_config config;
    // All waiting threads ask for the GIL at once. One that is asked for it waits, when it
    // detaches, until another one has it.
    config.switch_interval = std::chrono::microseconds(1);
    holdfast::interpreter python(config);
    holdfast::start_counters();
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&python] {
            for (int turn = 0; turn < 500; ++turn) {
                const holdfast::attach_guard attached(python);
                CHECK(holdfast::read_counters().attached == 1);
            }
        });
    for (std::thread &thread : threads)
        thread.join();
}
