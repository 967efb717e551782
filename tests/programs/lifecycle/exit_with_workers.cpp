// exit(7) while eight threads call Python ends the process with status 7: no crash, no hang.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "check.hpp"
#include "own_child.hpp"
#include "run_python.hpp"

namespace {

[[noreturn]] void host() {
    auto *const python = new holdfast::interpreter;  // a host that exits somewhere deep down
    static std::atomic<int> calls{0};
    for (int i = 0; i < 8; ++i)
        std::thread([view = python->view()] {
            for (;;) {
                const holdfast::attach_guard attached(view, std::nothrow);
                if (!attached)
                    return;
                run_python("x = sum(range(100))");
                calls.fetch_add(1);
            }
        }).detach();
    while (calls.load() < 100)
        std::this_thread::yield();
    std::exit(7);
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv, {&host});
    for (int round = 0; round < 5; ++round)
        CHECK(children.status_of_body(0) == 7);
}
