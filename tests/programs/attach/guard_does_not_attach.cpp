// interpreter_guard needs no attached thread, attaches none, and outlives its thread's attaches.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        holdfast::interpreter_guard guard(python.view());
        CHECK(!holdfast::attached());
        {
            const holdfast::attach_guard attached(guard);
            CHECK(holdfast::attached());
            const holdfast::interpreter_guard second(holdfast::current_view());
            CHECK(second.view() == guard.view());
            guard = holdfast::interpreter_guard(python.view());
        }
        CHECK(!holdfast::attached());
        CHECK(guard);
    }).join();
}
