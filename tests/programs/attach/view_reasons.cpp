// A view says why it would be refused: not started, finalizing, finalized, stale; or none. So does an early view.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "event.hpp"

int main() {
    using holdfast::closed_reason;
    const holdfast::interpreter_view none;
    const holdfast::interpreter_view early = holdfast::main_view();
    CHECK(none.reason() == closed_reason::not_started && !none.alive());
    CHECK(early.reason() == closed_reason::not_started && !early.alive());

    std::optional<holdfast::interpreter> python(std::in_place);
    const holdfast::interpreter_view view = *python;
    CHECK(view.reason() == closed_reason::none && view.alive());
    CHECK(early.reason() == closed_reason::none && early == view && view != none);
    {
        const holdfast::attach_guard attached(early);  // it named the first run, which this is
        const holdfast::attach_guard nested(view);
    }

    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(view);
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    CHECK(!python->finalize(std::chrono::milliseconds(1)));
    CHECK(view.reason() == closed_reason::finalizing && !view.alive());
    CHECK(early.reason() == closed_reason::finalizing);
    go.set();
    CHECK(python->finalize(std::chrono::seconds(10)));
    worker.join();
    CHECK(view.reason() == closed_reason::finalized && !view.alive());
    CHECK(early.reason() == closed_reason::finalized && early == view);
    python.reset();
    CHECK(view.reason() == closed_reason::finalized);

    python.emplace();
    CHECK(view.reason() == closed_reason::stale && !view.alive());
    CHECK(early.reason() == closed_reason::stale && early != python->view());
    CHECK(python->view().alive());
    CHECK(python->view() != view);
    CHECK(none.reason() == closed_reason::not_started);
}
