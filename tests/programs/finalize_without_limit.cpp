// No limit, or one too long for the clock, waits as long as it takes; a negative one does not wait.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    for (const auto limit : {std::chrono::milliseconds::max(), std::chrono::milliseconds::max() - std::chrono::milliseconds(1),
                             std::chrono::milliseconds(std::chrono::hours(24 * 365 * 100))}) {
        holdfast::interpreter python;
        event inside;
        std::thread worker([&] {
            const holdfast::attach_guard attached(python.view());
            const holdfast::detach_guard detached;
            inside.set();
            while (python.view().alive())
                std::this_thread::yield();
        });
        inside.wait();
        CHECK(python.finalize(limit));
        worker.join();
    }
    holdfast::interpreter python;
    CHECK(python.finalize(std::chrono::milliseconds(-1)));  // nobody inside: no time is needed
}
