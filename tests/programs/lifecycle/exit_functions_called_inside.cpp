// After atexit._run_exitfuncs() in a guard, the thread has left when the guard ends: finalize() does not wait for it.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::subinterpreter sub(python);  // the exit functions end it, which attaches
    {
        const holdfast::attach_guard attached(python);
        holdfast::exec("import atexit\natexit._run_exitfuncs()");
    }
    CHECK(!sub.view().alive());
    CHECK(python.finalize(std::chrono::seconds(10)));
}
