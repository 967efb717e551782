// If other code ends Python, its exit waits for HOLDFAST_EXIT_LIMIT_MS and names the threads inside.
#include <holdfast/platform/thread.hpp>
#include <holdfast/thread_state.hpp>

#include <cstdlib>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "event.hpp"
#include "own_child.hpp"

namespace {

[[noreturn]] void host() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "100");
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    event inside;
    std::thread([&] {
        const holdfast::attach_guard attached(holdfast::main_view());
        const holdfast::detach_guard detached;
        inside.set();
        holdfast::detail::stop_this_thread();
    }).detach();
    inside.wait();
    PyEval_RestoreThread(main_state);
    Py_FinalizeEx();
    std::_Exit(8);
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv, {&host});
    const std::string said = children.said_by_body(0, 8);
    CHECK(contains(said, "HF219"));
    CHECK(contains(said, "plain_exit_limit.cpp:"));
}
