// Two thousand threads that attach once and end leave no thread state and no entry in the gate.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    for (int batch = 0; batch < 20; ++batch) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 100; ++i)
            threads.emplace_back([&] {
                const holdfast::attach_guard attached(python.view());
                run_python("x = 1");
            });
        for (std::thread &thread : threads)
            thread.join();
    }
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
