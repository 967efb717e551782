// A thread may finalize although a guard that it made of a sub-interpreter is now another thread's.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <thread>
#include <utility>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::subinterpreter sub(python);
    holdfast::interpreter_guard guard(sub.view());
    event go;
    std::thread worker([&go, held = std::move(guard)] {
        go.wait();
        const holdfast::attach_guard attached(held);
        run_python("used = True");
    });
    CHECK(!python.finalize(std::chrono::milliseconds(10)));
    go.set();
    worker.join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
