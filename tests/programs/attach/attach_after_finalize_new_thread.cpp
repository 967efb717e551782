// A thread that never attached before is refused with HF203 once Python has been finalized.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    CHECK(python.finalize(std::chrono::seconds(5)));

    std::thread([&] {
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) ==
              "HF203");
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard late; }) == "HF203");
        const holdfast::attach_guard late(view, std::nothrow);
        CHECK(!late);
        CHECK(late.reason() == holdfast::closed_reason::finalized);
        CHECK(!holdfast::attached());
    }).join();
}
