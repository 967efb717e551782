// A call inside that passes work to a thread outside during closing gets an error, not a deadlock.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <future>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event inside;
    bool refused = false;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python.view());
        const holdfast::detach_guard detached;
        inside.set();
        while (python.view().reason() != holdfast::closed_reason::finalizing)
            std::this_thread::yield();
        std::future<void> handed_over = std::async(std::launch::async, [&] {
            const holdfast::attach_guard second(python.view());
            run_python("never = True");
        });
        try {
            handed_over.get();
        } catch (const holdfast::closed_error &error) {
            refused = error.reason() == holdfast::closed_reason::finalizing;
        }
    });
    inside.wait();
    CHECK(python.finalize(std::chrono::seconds(10)));
    worker.join();
    CHECK(refused);
}
