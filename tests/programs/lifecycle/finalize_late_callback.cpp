// A native library that still calls back after the drain gets an error each time, and no Python code runs.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

/// A library whose timer cannot be stopped.
class ticker {
public:
    explicit ticker(std::function<void()> callback)
        : thread_([this, callback = std::move(callback)] {
              while (!stop_.load()) {
                  callback();
                  std::this_thread::yield();
              }
          }) {}
    ~ticker() {
        stop_.store(true);
        thread_.join();
    }

private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace

int main() {
    std::atomic<long> ran{0};
    std::atomic<long> refused{0};
    holdfast::interpreter python;
    const ticker library([&, view = python.view()] {
        const holdfast::attach_guard attached(view, std::nothrow);
        if (!attached) {
            refused.fetch_add(1);
            return;
        }
        run_python("tick = 1");
        ran.fetch_add(1);
    });
    while (ran.load() < 100)
        std::this_thread::yield();
    CHECK(python.finalize(std::chrono::seconds(10)));
    const long at_the_end = ran.load();
    const long before = refused.load();
    while (refused.load() < before + 1000)
        std::this_thread::yield();
    CHECK(ran.load() <= at_the_end + 1);  // +1: ran inside, counted outside
}
