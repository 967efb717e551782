// Attach inside detach inside attach: each guard restores the state before it, at any depth.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

void descend(const holdfast::interpreter_view &view, PyThreadState *outer, int level) {
    CHECK(!holdfast::attached());
    if (level == 500)
        return;
    const holdfast::attach_guard attached(view);
    CHECK(holdfast::attached());
    if (outer != nullptr)
        CHECK(PyThreadState_Get() == outer);  // one state per thread, however deep
    PyThreadState *const mine = PyThreadState_Get();
    {
        const holdfast::detach_guard detached;
        const holdfast::detach_guard twice;  // does nothing: already detached
        descend(view, mine, level + 1);
        CHECK(!holdfast::attached());
        const holdfast::attach_guard
            by_default;  // where it was, and as it was before the inner ones
        CHECK(PyThreadState_Get() == mine);
    }
    CHECK(PyThreadState_Get() == mine);
    run_python("level = 1");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    descend(python.view(), nullptr, 0);
    std::thread([&] { descend(python.view(), nullptr, 0); }).join();
    {
        const holdfast::subinterpreter other(python);
        std::thread([&] { descend(other.view(), nullptr, 0); }).join();
    }
    const holdfast::attach_guard attached;
    CHECK(count_thread_states() == 1);
}
