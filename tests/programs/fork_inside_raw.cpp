// The child of a raw fork() by a thread that is inside, attached or detached, is closed to all its other threads.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <new>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "thrown.hpp"

namespace {

/// Forks where the caller is; in the child, newcomers are refused at once, by the reason that is due.
void fork_here(const holdfast::interpreter_view &view) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        CHECK(view.reason() == holdfast::closed_reason::forked_child);
        CHECK(!view.alive());
        std::thread([&] {
            CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) == "HF205");
        }).join();
        _exit(9);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    fork_here(view);  // never attached
    std::thread([&] {
        const holdfast::attach_guard attached(view);
        fork_here(view);
        {
            const holdfast::detach_guard detached;
            fork_here(view);
        }
        CHECK(holdfast::eval<int>("1 + 1") == 2);  // the parent goes on
    }).join();
    {
        const holdfast::attach_guard attached(view);
        holdfast::exec("import multiprocessing, os, warnings\n"
                       "warnings.simplefilter('ignore')\n"
                       "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
                       "    assert pool.map(abs, range(-5, 0)) == [5, 4, 3, 2, 1]\n");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
