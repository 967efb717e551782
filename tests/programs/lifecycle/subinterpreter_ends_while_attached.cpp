// A thread attached to the main interpreter may end a sub-interpreter; it is detached during the wait.
// deadline: 40
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

/// Ends `sub` while a thread is inside, which needs the main interpreter to come out.
template <class End>
void end_while_attached(holdfast::interpreter &python, holdfast::subinterpreter &sub, End &&end) {
    event inside;
    std::thread worker([&] {
        const holdfast::attach_guard attached(sub.view());
        inside.set();
        const holdfast::detach_guard detached;
        const holdfast::attach_guard main(python.view());
        holdfast::exec("helped = True");
    });
    {
        const holdfast::detach_guard detached;
        inside.wait();
    }
    end();
    CHECK(holdfast::attached());
    holdfast::exec("import json");
    holdfast::join(worker);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python);
        std::optional<holdfast::subinterpreter> sub(std::in_place, python);
        end_while_attached(python, *sub, [&] { CHECK(sub->finalize(std::chrono::seconds(20))); });
        sub.emplace(python);
        const holdfast::interpreter_view view = *sub;
        end_while_attached(python, *sub, [&] { sub.reset(); });
        CHECK(view.reason() == holdfast::closed_reason::finalized);
        holdfast::subinterpreter goes_with_its_scope(python);
        const holdfast::attach_guard elsewhere(goes_with_its_scope.view());
        sub.emplace(python);  // and while attached to another one
        CHECK(sub->finalize(std::chrono::seconds(20)));
        run_python("import json");
    }
    {  // By PyGILState, too.
        holdfast::subinterpreter sub(python);
        const PyGILState_STATE before = PyGILState_Ensure();
        CHECK(sub.finalize(std::chrono::seconds(20)));
        PyGILState_Release(before);
    }
    CHECK(python.finalize(std::chrono::seconds(20)));
}
