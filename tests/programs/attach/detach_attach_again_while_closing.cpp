// A thread that is inside passes a closed gate: nested, after a detach, with a view and without.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event inside;

    std::thread worker([&] {
        const holdfast::attach_guard attached(view);
        {
            const holdfast::detach_guard detached;
            inside.set();
            while (view.reason() != holdfast::closed_reason::finalizing)
                std::this_thread::yield();
            const holdfast::attach_guard by_view(view);
            const holdfast::attach_guard by_default;
            run_python("nested = 1");
            const holdfast::detach_guard once_more;
            const holdfast::attach_guard tested(view, std::nothrow);
            CHECK(tested);
            const holdfast::interpreter_guard guard(
                view);  // what it starts belongs to the drain, too
            CHECK(guard);
        }
        const holdfast::attach_guard nested(view, std::nothrow);
        CHECK(nested);
        // holdfast: ignore[HF613] whom it waits for is refused
        std::thread([&] {
            const holdfast::attach_guard newcomer(view, std::nothrow);
            CHECK(newcomer.reason() == holdfast::closed_reason::finalizing);
        }).join();
    });
    inside.wait();
    CHECK(python.finalize(std::chrono::seconds(10)));
    worker.join();
}
