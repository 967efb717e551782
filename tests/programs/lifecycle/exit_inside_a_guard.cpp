// exit() inside a guard, on the main thread or on a worker, ends the process with that status.
#include <holdfast/interpreter.hpp>

#include <cstdlib>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

[[noreturn]] void exit_on_main() {
    auto *const python = new holdfast::interpreter;
    const holdfast::attach_guard attached(python->view());
    run_python("x = 1");
    std::exit(5);
}

[[noreturn]] void exit_on_a_worker() {
    auto *const python = new holdfast::interpreter;
    std::thread([view = python->view()] {
        const holdfast::attach_guard attached(view);
        run_python("x = 1");
        std::exit(6);
    }).join();
    std::abort();
}

[[noreturn]] void exit_with_a_kept_state() {
    auto *const python = new holdfast::interpreter;
    std::thread([view = python->view()] {
        {
            const holdfast::attach_guard attached(view);
            run_python("x = 1");
        }
        std::exit(7);
    }).join();
    std::abort();
}

int status_of_host(void (*host)()) {
    const pid_t child = fork();
    if (child == 0)
        host();
    return status_of(child);
}

}  // namespace

int main() {
    CHECK(status_of_host(&exit_on_main) == 5);
    CHECK(status_of_host(&exit_on_a_worker) == 6);
    CHECK(status_of_host(&exit_with_a_kept_state) == 7);
}
