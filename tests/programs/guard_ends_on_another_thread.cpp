// Thousands of guards, taken on some threads and ended on others, leave finalize() with nothing to wait for.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    std::mutex mutex;
    std::vector<holdfast::interpreter_guard> handed_over;  // guarded by mutex
    std::vector<std::thread> threads;
    constexpr int each = 2000;
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < each; ++j) {
                holdfast::interpreter_guard guard(python.view());
                const std::lock_guard<std::mutex> hold(mutex);
                handed_over.push_back(std::move(guard));
            }
        });
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            for (int ended = 0; ended < each;) {
                const std::lock_guard<std::mutex> hold(mutex);
                if (handed_over.empty())
                    continue;
                handed_over.pop_back();
                ++ended;
            }
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(handed_over.empty());
    CHECK(python.finalize(std::chrono::seconds(5)));
}
