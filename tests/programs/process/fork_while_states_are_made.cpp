// No fork happens while a thread state is made: the child would find CPython's list of states locked, and hang.
// python: <3.13
//
// CPython's own os.fork() takes that lock from 3.13 on.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "slow_new_state.hpp"

namespace {

std::atomic<bool> making{false};
event in_the_middle;
event forking;  // a fork has begun, and has asked the handlers whether it may
event forked;

/// Gives the fork enough time.
void stay_in_the_middle() {
    making.store(true);
    in_the_middle.set();
    forking.wait();
    CHECK(!forked.wait_for(std::chrono::milliseconds(50)));  // it must not happen now
    making.store(false);
}

}  // namespace

int main() {
    slow_new_state::install(&stay_in_the_middle);
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python("import os, warnings\nwarnings.simplefilter('ignore')");
        std::thread maker([&] {
            slow_new_state::is_next = true;
            const holdfast::attach_guard first(python.view());
        });
        in_the_middle.wait();
        // Of the handlers before a fork the last to be registered comes first.
        pthread_atfork([] { forking.set(); }, [] { forked.set(); }, nullptr);
        const pid_t child = static_cast<pid_t>(number_of_python("os.fork()"));
        if (child == 0)
            _exit(making.load() ? 1 : 9);
        const holdfast::detach_guard detached;
        CHECK(status_of(child) == 9);
        maker.join();
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
