// A main_view() taken before the host's own Py_Initialize() names that run, and no later one.
#include <holdfast/interpreter.hpp>

#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    using holdfast::closed_reason;
    const holdfast::interpreter_view dead;
    const holdfast::interpreter_view early = holdfast::main_view();
    const holdfast::interpreter_view copy(early);
    CHECK(!holdfast::attach_guard(early, std::nothrow));
    CHECK(early.reason() == closed_reason::not_started && copy == early);

    Py_InitializeEx(0);
    PyThreadState *state = PyEval_SaveThread();
    std::thread([&] {
        CHECK(early.alive());
        const holdfast::attach_guard attached(early);
        run_python("alive = True");
        CHECK(early == holdfast::current_view() && copy == early);
        const holdfast::interpreter_guard held(copy);
        CHECK(held.view() == early);
    }).join();
    CHECK(!dead.alive() && dead != early);
    PyEval_RestoreThread(state);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(early.reason() == closed_reason::finalized);

    Py_InitializeEx(0);
    CHECK(holdfast::main_view().alive());
    CHECK(early.reason() == closed_reason::stale && copy != holdfast::main_view());
    CHECK(Py_FinalizeEx() == 0);
    CHECK(early.reason() == closed_reason::stale && dead.reason() == closed_reason::not_started);
}
