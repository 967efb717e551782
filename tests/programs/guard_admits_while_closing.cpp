// A guard handed to another thread lets that thread attach although finalize() has begun.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>
#include <utility>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event started;

    std::thread giver([&] {
        holdfast::interpreter_guard guard(view);
        std::thread([&, mine = std::move(guard)]() mutable {
            started.set();
            while (view.reason() != holdfast::closed_reason::finalizing)
                std::this_thread::yield();
            const holdfast::interpreter_guard moved = std::move(mine);
            CHECK(!mine);
            {
                const holdfast::attach_guard attached(moved);
                run_python("work = 'done'");
                const holdfast::attach_guard nested;
                const holdfast::detach_guard detached;
                const holdfast::attach_guard again(view);
            }
            const holdfast::attach_guard attached_again(moved);
        }).detach();
        CHECK(!guard);
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard none(guard); }) == "HF201");
    });
    started.wait();
    giver.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
