// When other code ends Python after our finalize() ran into its limit, threads are waited for and sub-interpreters ended.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "check.hpp"
#include "event.hpp"

int main() {
    using namespace std::chrono_literals;
    auto *const python = new holdfast::interpreter;
    static holdfast::subinterpreter sub(*python);
    static event inside;
    static event go;
    static std::atomic<bool> has_left{false};
    std::thread leaver([] {
        const holdfast::attach_guard attached(holdfast::main_view());
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
        has_left = true;
    });
    leaver.detach();
    inside.wait();
    CHECK(!python->finalize(10ms));
    PyGILState_Ensure();
    go.set();
    Py_FinalizeEx();  // CPython aborts if an interpreter is left
    CHECK(has_left);
    CHECK(!sub.view().alive());
    std::_Exit(0);
}
