// Eight threads call without pause over ten starts and ends: every call completes or is refused.
// deadline: 90
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <new>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    std::atomic<bool> stop{false};
    std::atomic<long> calls{0};
    std::atomic<long> refusals{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 8; ++i)
        workers.emplace_back([&] {
            while (!stop.load()) {
                const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);
                if (!attached) {
                    refusals.fetch_add(1);
                    std::this_thread::yield();
                    continue;
                }
                run_python("total = sum(range(10))");
                calls.fetch_add(1);
            }
        });
    for (int round = 0; round < 10; ++round) {
        holdfast::interpreter python;
        const long before = calls.load();
        while (calls.load() < before + 100)
            std::this_thread::yield();
        CHECK(python.finalize(std::chrono::seconds(20)));
        const long after = calls.load();
        std::this_thread::yield();
        CHECK(calls.load() <= after + 8);  // counted late, but run before
    }
    stop.store(true);
    for (std::thread &worker : workers)
        worker.join();
    CHECK(refusals.load() > 0);
}
