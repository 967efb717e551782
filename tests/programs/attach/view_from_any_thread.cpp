// Eight threads copy, compare and query views while Python starts and ends ten times.
// deadline: 60
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "check.hpp"

int main() {
    std::atomic<bool> stop{false};
    std::vector<std::thread> askers;
    for (int i = 0; i < 8; ++i)
        askers.emplace_back([&] {
            holdfast::interpreter_view last;
            while (!stop.load()) {
                const holdfast::interpreter_view now = holdfast::main_view();
                if (now != last && last.alive())
                    CHECK(now == holdfast::main_view() || !last.alive());
                last = now;
                static_cast<void>(last.reason());
                std::this_thread::yield();
            }
        });
    holdfast::interpreter_view previous;
    for (int round = 0; round < 10; ++round) {
        holdfast::interpreter python;
        CHECK(python.view() != previous);
        CHECK(!previous.alive());
        previous = python;
        CHECK(python.finalize(std::chrono::seconds(10)));
    }
    stop.store(true);
    for (std::thread &asker : askers)
        asker.join();
}
