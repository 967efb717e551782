// After a raw fork() by a thread that is inside, attached or detached, the child refuses all its other threads.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <new>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

/// Forks where the caller is; in the child, newcomers are refused at once, with the right reason, and so is
/// the caller if it is detached.
void fork_here(const holdfast::interpreter_view &view, bool attached = false) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        CHECK(view.reason() == holdfast::closed_reason::forked_child);
        CHECK(!view.alive());
        CHECK(attached || thrown_code<holdfast::closed_error>(
                              [&] { holdfast::attach_guard again(view); }) == "HF205");
        std::thread([&] {
            CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) ==
                  "HF205");
        }).join();
        _exit(9);
    }
    CHECK(status_of(child) == 9);
}

/// The other one, and with it the GIL, does not exist in the child.
void fork_while_another_is_attached(const holdfast::interpreter_view &view) {
    event inside;
    event forked;
    std::thread other([&] {
        const holdfast::attach_guard attached(view);
        inside.set();
        forked.wait();
    });
    inside.wait();
    fork_here(view);
    forked.set();
    other.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    fork_here(view);  // never attached
    {
        const holdfast::interpreter_guard held(view);  // admits to a closed interpreter only
        fork_here(view);
    }
    std::thread([&] {
        const holdfast::attach_guard attached(view);
        // holdfast: ignore[HF613] the child waits for nobody
        fork_here(view, true);
        const holdfast::detach_guard detached;
        fork_here(view);
        fork_while_another_is_attached(view);
    }).join();
    {
        const holdfast::attach_guard attached(view);
        CHECK(holdfast::eval<int>("1 + 1") == 2);  // the parent goes on
        holdfast::exec(
            "import multiprocessing, os, warnings\n"
            "warnings.simplefilter('ignore')\n"
            "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
            "    assert pool.map(abs, range(-5, 0)) == [5, 4, 3, 2, 1]\n");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
