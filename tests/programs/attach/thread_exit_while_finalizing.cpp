// Threads that end while finalize() drains, or while Python ends, neither crash nor wait for it.
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
    for (int round = 0; round < 20; ++round) {
        holdfast::interpreter python;
        std::atomic<int> kept{0};
        std::atomic<bool> end{false};
        std::vector<std::thread> threads;
        for (int i = 0; i < 16; ++i)
            threads.emplace_back([&, i] {
                {
                    const holdfast::attach_guard attached(python.view());
                    run_python("x = 1");
                }
                kept.fetch_add(1);
                if (i % 2 == 0) {
                    while (!end.load())
                        std::this_thread::yield();
                } else {
                    while (python.view().alive())
                        std::this_thread::yield();
                }
            });
        while (kept.load() < 16)
            std::this_thread::yield();
        if (round % 2 == 0)
            end.store(true);
        CHECK(python.finalize(std::chrono::seconds(10)));
        end.store(true);
        for (std::thread &thread : threads)
            thread.join();
    }
}
