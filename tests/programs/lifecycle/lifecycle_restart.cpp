// After an interpreter has been finalized, a second one works, for old threads and for new ones.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    std::optional<holdfast::interpreter> python(std::in_place);
    event first_over;
    event second_started;
    std::thread old_thread([&] {
        {
            const holdfast::attach_guard attached(python->view());
            run_python("generation = 1");
        }
        first_over.set();
        second_started.wait();
        const holdfast::attach_guard attached(python->view());  // its cached state is of the first
        CHECK(text_of_python("'generation' in globals()") == "False");
        run_python("generation = 2");
        const holdfast::detach_guard detached;
        const holdfast::attach_guard again;
        CHECK(number_of_python("generation") == 2);
    });
    first_over.wait();
    CHECK(python->finalize(std::chrono::seconds(5)));
    python.reset();
    python.emplace();
    second_started.set();
    old_thread.join();
    std::thread([&] {
        const holdfast::attach_guard attached;
        CHECK(number_of_python("generation") == 2);
    }).join();
    CHECK(python->finalize(std::chrono::seconds(5)));
}
