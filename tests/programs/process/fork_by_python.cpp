// After os.fork() on the main thread, the child attaches, starts threads and finalizes; the parent continues.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>
#include <vector>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    event kept;
    event over;
    std::thread idle([&] {  // has a cached state that means nothing in the child
        {
            const holdfast::attach_guard attached(python.view());
            run_python("import os, warnings\nwarnings.simplefilter('ignore')");
        }
        kept.set();
        over.wait();
    });
    kept.wait();
    for (int round = 0; round < 5; ++round) {
        long child = -1;
        {
            const holdfast::attach_guard attached(python.view());
            child = number_of_python("os.fork()");
            run_python("in_both = True");  // still inside the guard that was forked
        }
        if (child == 0) {
            CHECK(python.view().alive());
            std::thread([&] {
                const holdfast::attach_guard attached(python.view());
                run_python("in_child = os.getpid()");
            }).join();
            CHECK(python.finalize(std::chrono::seconds(10)));
            _exit(9);
        }
        CHECK(status_of(static_cast<pid_t>(child)) == 9);
        std::thread([&] {
            const holdfast::attach_guard attached(python.view());
            run_python("parent = True");
        }).join();
    }
    over.set();
    idle.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
