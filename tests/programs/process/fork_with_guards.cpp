// In a forked child, guards of lost threads do not delay anything, and ending one is harmless.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

/// \param end_first  the guards; else they are still there when the child finalizes, and when it has.
void fork_with_guards(bool end_first) {
    holdfast::interpreter python;
    std::optional<holdfast::interpreter_guard> of_another;
    event taken;
    event over;
    std::thread other([&] {
        of_another.emplace(python.view());
        taken.set();
        over.wait();
    });
    taken.wait();
    std::optional<holdfast::interpreter_guard> moved(holdfast::interpreter_guard(python.view()));
    long child = -1;
    {
        const holdfast::attach_guard attached(python.view());
        run_python("import os, warnings\nwarnings.simplefilter('ignore')");
        child = number_of_python("os.fork()");
        if (child == 0 && end_first) {
            of_another.reset();
            moved.reset();
            CHECK(python.view().ref().record->door.count() ==
                  1);  // this thread is still known to be inside
        }
    }
    if (child == 0) {
        {
            const holdfast::attach_guard attached(python.view());
            run_python("in_child = True");
        }
        CHECK(python.finalize(std::chrono::seconds(10)));
        of_another.reset();
        moved.reset();
        _exit(9);
    }
    CHECK(status_of(static_cast<pid_t>(child)) == 9);
    CHECK(python.finalize(std::chrono::milliseconds(1)).still_inside.size() == 2);
    of_another.reset();
    moved.reset();
    over.set();
    other.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}

}  // namespace

int main() {
    fork_with_guards(true);
    fork_with_guards(false);
}
