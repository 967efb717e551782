// A thread that attaches before Python was started is refused at once, with HF201.
#include <holdfast/interpreter.hpp>

#include <new>
#include <thread>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    const holdfast::interpreter_view first = holdfast::main_view();
    std::thread([] {
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard attached; }) ==
              "HF201");
        CHECK(thrown_code<holdfast::closed_error>(
                  [] { holdfast::attach_guard attached(holdfast::main_view()); }) == "HF201");
        const holdfast::attach_guard refused(holdfast::main_view(), std::nothrow);
        CHECK(!refused);
        CHECK(refused.reason() == holdfast::closed_reason::not_started);
        CHECK(!holdfast::attached());
    }).join();

    // The refusals have no lasting effect: the same process can start Python and attach. A view that
    // was taken before names that first run, also within a guard, and no later one.
    {
        holdfast::interpreter python;
        const holdfast::attach_guard attached(python.view());
        CHECK(attached);
        const holdfast::attach_guard nested(first);
        CHECK(nested);
        CHECK(holdfast::attached());
    }
    holdfast::interpreter again;
    const holdfast::attach_guard attached(again.view());
    const holdfast::attach_guard stale(first, std::nothrow);
    CHECK(stale.reason() == holdfast::closed_reason::stale);
    CHECK(holdfast::attached());
}
