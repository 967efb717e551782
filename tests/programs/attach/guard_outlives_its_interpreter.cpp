// A guard that is still held when other code ends Python does not hold back the next Python, in which it ends.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

int main() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "100");
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    event taken;
    event go;
    std::optional<holdfast::interpreter_guard> handed_over;
    std::thread holder([&] {
        auto guard = holdfast::make_guard<holdfast::interpreter_guard>(holdfast::main_view());
        handed_over.emplace(holdfast::interpreter_guard(holdfast::main_view()));
        taken.set();
        go.wait();
        guard.reset();
    });
    taken.wait();
    PyEval_RestoreThread(main_state);
    Py_FinalizeEx();
    holdfast::interpreter next;
    CHECK(next.finalize(1s));  // while both are held
    holdfast::interpreter after;
    const holdfast::interpreter_guard of_this(after.view());
    go.set();
    holder.join();
    handed_over.reset();
    // Their end leaves the other guards of the gate alone.
    CHECK(after.view().ref().record->door.count() == 1);
}
