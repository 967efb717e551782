// Four threads start 500 threads each, which make one call: no call is lost, and no thread state is left.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python("import itertools\ncalls = itertools.count()");
    }
    std::vector<std::thread> spawners;
    for (int i = 0; i < 4; ++i)
        spawners.emplace_back([&] {
            for (int j = 0; j < 500; ++j)
                std::thread([&] {
                    const holdfast::attach_guard attached(python.view());
                    run_python("next(calls)");
                }).join();
        });
    for (std::thread &spawner : spawners)
        spawner.join();
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(number_of_python("next(calls)") == 2000);
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
