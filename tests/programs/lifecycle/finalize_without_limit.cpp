// Without a limit, or with one too long for the clock, finalize() waits until it is done; a negative one does not wait.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    for (const auto limit : {std::chrono::milliseconds::max(),
                             std::chrono::milliseconds::max() - std::chrono::milliseconds(1),
                             std::chrono::milliseconds(std::chrono::hours(24 * 365 * 100))}) {
        holdfast::interpreter python;
        event inside;
        event finalized;
        std::atomic<bool> left{false};
        std::thread worker([&] {
            {
                const holdfast::attach_guard attached(python.view());
                const holdfast::detach_guard detached;
                inside.set();
                while (python.view().alive())
                    std::this_thread::yield();
                std::this_thread::sleep_for(
                    std::chrono::milliseconds(50));  // enough for a finalize() that does not wait
                left = true;
            }
            finalized.wait();  // its end would wake the finalizing thread, too
        });
        inside.wait();
        CHECK(python.finalize(limit));
        CHECK(left);
        finalized.set();
        worker.join();
    }
    holdfast::interpreter python;
    CHECK(python.finalize(std::chrono::milliseconds(-1)));  // nobody inside: no time is needed
}
