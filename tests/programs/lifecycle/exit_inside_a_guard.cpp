// exit() inside a guard, on the main thread or on a worker, ends the process with that status.
#include <holdfast/interpreter.hpp>

#include <cstdlib>
#include <thread>

#include "check.hpp"
#include "own_child.hpp"
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

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv,
                                {&exit_on_main, &exit_on_a_worker, &exit_with_a_kept_state});
    CHECK(children.status_of_body(0) == 5);
    CHECK(children.status_of_body(1) == 6);
    CHECK(children.status_of_body(2) == 7);
}
