// finalize() waits for a worker in Python and for those that queue behind it; each runs to its end.
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
    std::atomic<int> admitted{0};
    std::atomic<int> ended{0};
    {
        const holdfast::attach_guard attached(python.view());
        run_python("def work():\n"
                   "    total = 0\n"
                   "    for i in range(200_000):\n"
                   "        total += i\n"
                   "    return total");
    }
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)  // with a GIL, three of them wait for it
        workers.emplace_back([&] {
            const holdfast::attach_guard attached(python.view(), std::nothrow);
            if (!attached)
                return;
            admitted.fetch_add(1);
            run_python("work()");
            ended.fetch_add(1);
        });
    while (admitted.load() < 1)
        std::this_thread::yield();
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(15));
    CHECK(report);
    CHECK(report.still_inside.empty());
    CHECK(report.status == 0);
    CHECK(!report.interrupted);
    CHECK(ended.load() == admitted.load());
    CHECK(!holdfast::attach_guard(python.view(), std::nothrow));
    for (std::thread &worker : workers)
        worker.join();
    CHECK(ended.load() == admitted.load());
}
