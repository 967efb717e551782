// Exit functions that another thread calls while finalize() ends the sub-interpreters begin no second round over them.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <mutex>
#include <thread>

#include "check.hpp"
#include "environment.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

/// The child that the thread with the round is ending.
const holdfast::detail::child *in_hand() {
    holdfast::detail::interpreter_record &main = holdfast::detail::process().main;
    const holdfast::detail::mutex_hold hold(main.children.mutex);
    return main.children.ending;
}

}  // namespace

int main() {
    using namespace std::chrono_literals;
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "100");
    holdfast::interpreter python;
    holdfast::subinterpreter_config config;
    config.shared_gil = true;
    holdfast::subinterpreter sub(python, config);
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(sub);
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    std::thread caller([&] {
        while (in_hand() == nullptr)
            std::this_thread::yield();
        const holdfast::detail::child *const before = in_hand();
        const PyGILState_STATE state = PyGILState_Ensure();  // past the closed gate
        run_python("import atexit; atexit._run_exitfuncs()");
        PyGILState_Release(state);
        const holdfast::detail::child *const after = in_hand();
        go.set();
        CHECK(before != nullptr && after == before);
    });
    CHECK(python.finalize(60s));
    caller.join();
    worker.join();
    // Nothing is left that Python's end would have to end.
    CHECK(!holdfast::detail::process().main.children.has_one_to_end());
    CHECK(sub.finalize(0ms));
}
