// finalize() does not wait for guards that ended on other threads, in any order and number.
#include <holdfast/interpreter.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"

namespace {

/// finalize() waits for those of three guards that are left, whichever ended first.
void in_any_order(holdfast::interpreter &python) {
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
        std::array<std::optional<holdfast::interpreter_guard>, 3> guards;
        std::thread([&] {
            for (auto &guard : guards)
                guard.emplace(python.view());
        }).join();
        for (std::size_t left = guards.size(); left > 0; --left) {
            CHECK(python.finalize(std::chrono::milliseconds(0)).still_inside.size() == left);
            guards[order[guards.size() - left]].reset();
        }
        python.reopen();
    } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    in_any_order(python);
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
