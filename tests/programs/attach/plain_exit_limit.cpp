// If other code ends Python, its exit waits for HOLDFAST_EXIT_LIMIT_MS and names the threads inside.
#include <holdfast/thread_state.hpp>

#include <string>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "event.hpp"

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
        for (;;)
            pause();
    }).detach();
    inside.wait();
    PyEval_RestoreThread(main_state);
    Py_FinalizeEx();
    _exit(8);
}

}  // namespace

int main() {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        host();
    }
    close(ends[1]);
    std::string said;
    char part[256];
    for (ssize_t size = 0; (size = read(ends[0], part, sizeof part)) > 0;)
        said.append(part, static_cast<std::size_t>(size));
    CHECK(status_of(child) == 8);
    CHECK(contains(said, "HF219"));
    CHECK(contains(said, "plain_exit_limit.cpp:"));
}
