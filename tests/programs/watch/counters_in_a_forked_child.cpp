// A forked child counts nothing: its actions are not added to its parent's counts, or shown with them.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/watch/counters.hpp>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::start_counters();
    holdfast::exec(
        "import os, warnings\n"
        "warnings.simplefilter('ignore')\n");
    const pid_t child = static_cast<pid_t>(holdfast::eval<long>("os.fork()"));
    if (child == 0) {
        for (int i = 0; i < 100; ++i)
            holdfast::exec("pass");
        _exit(9);
    }
    CHECK(status_of(child) == 9);
    const holdfast::process_counters all = holdfast::read_counters();
    CHECK(all.attaches >= 2 && all.attaches < 100);
    CHECK(all.threads.size() == 1);
}
