// A thread that made a guard and moved it to another thread may finalize; it waits for the new holder.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::atomic<int> ended{0};
    event go;
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
        holdfast::interpreter_guard guard(python.view());
        workers.emplace_back([&, held = std::optional(std::move(guard))]() mutable {
            go.wait();
            {
                const holdfast::attach_guard attached(*held);
                run_python("work = 'done'");
            }
            ended.fetch_add(1);
            held.reset();
        });
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(20));
    CHECK(!report);
    CHECK(report.still_inside.size() == 3);
    go.set();
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK(ended.load() == 3);
    for (std::thread &worker : workers)
        worker.join();
}
