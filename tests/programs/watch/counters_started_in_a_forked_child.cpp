// A forked child can start to count also if another thread was just starting that at the fork.
#include <holdfast/watch/counters.hpp>

#include <cstdlib>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"

int main() {
    const holdfast::detail::tracing_start of_another_thread;
    CHECK(of_another_thread);
    holdfast::start_counters();
    CHECK(!holdfast::read_counters().counting);
    const pid_t child = fork();
    if (child == 0) {
        holdfast::start_counters();
        std::exit(holdfast::read_counters().counting ? 9 : 1);
    }
    CHECK(status_of(child) == 9);
}
