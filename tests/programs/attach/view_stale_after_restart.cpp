// A view of a finalized interpreter never names the one that was started after it: HF204.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <optional>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    std::optional<holdfast::interpreter> python(std::in_place);
    const holdfast::interpreter_view old = *python;
    PyInterpreterState *old_address = nullptr;
    {
        const holdfast::attach_guard attached(old);
        old_address = PyInterpreterState_Get();
    }
    CHECK(python->finalize(std::chrono::seconds(5)));
    python.emplace();
    {
        // The trap: CPython's main interpreter may be at the same address again.
        const holdfast::attach_guard attached(python->view());
        std::printf("same address: %d\n", old_address == PyInterpreterState_Get() ? 1 : 0);
    }
    const auto demand_stale = [&] {
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(old); }) ==
              "HF204");
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::interpreter_guard late(old); }) ==
              "HF204");
        const holdfast::attach_guard refused(old, std::nothrow);
        CHECK(refused.reason() == holdfast::closed_reason::stale);
        const holdfast::attach_guard admitted(python->view());
        run_python("alive = True");
        // Not even from within the interpreter that took its place.
        const holdfast::attach_guard nested(old, std::nothrow);
        CHECK(nested.reason() == holdfast::closed_reason::stale);
    };
    demand_stale();
    std::thread(demand_stale).join();
}
