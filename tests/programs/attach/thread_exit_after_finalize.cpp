// Threads that kept a state end silently after finalize(), or while the next interpreter runs.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    std::optional<holdfast::interpreter> python(std::in_place);
    event end_now;
    event end_later;
    std::vector<std::thread> threads;
    std::atomic<int> kept{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            {
                const holdfast::attach_guard attached(python->view());
                run_python("x = 1");
            }
            kept.fetch_add(1);
            (i < 4 ? end_now : end_later).wait();
        });
    while (kept.load() < 8)
        std::this_thread::yield();
    CHECK(python->finalize(std::chrono::seconds(10)));
    end_now.set();
    for (std::size_t i = 0; i < 4; ++i)
        threads[i].join();
    python.reset();
    python.emplace();
    end_later.set();
    for (std::size_t i = 4; i < 8; ++i)
        threads[i].join();
    const holdfast::attach_guard attached(python->view());
    CHECK(count_thread_states() == 1);
}
