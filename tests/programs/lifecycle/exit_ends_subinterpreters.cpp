// When other code ends Python while a thread is inside too long, our idle sub-interpreters are ended all the same.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <cstdlib>
#include <thread>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"

int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "100");
    Py_Initialize();
    PyThreadState *const state = PyEval_SaveThread();
    static holdfast::subinterpreter sub(holdfast::main_view());
    static event inside;
    static event never;
    std::thread([] {
        const holdfast::attach_guard attached(holdfast::main_view());
        const holdfast::detach_guard detached;
        inside.set();
        never.wait();
    }).detach();
    inside.wait();
    PyEval_RestoreThread(state);
    Py_FinalizeEx();  // CPython aborts if an interpreter is left
    CHECK(!sub.view().alive());
    std::_Exit(0);
}
