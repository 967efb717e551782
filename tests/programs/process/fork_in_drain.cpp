// A child that is forked while its parent drains gets HF205; one made by os.fork() is closed like its parent.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "thrown.hpp"

using namespace std::chrono_literals;

namespace {

void fork_plainly(const holdfast::interpreter_view &view) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        CHECK(view.reason() == holdfast::closed_reason::forked_child);
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) ==
              "HF205");
        _exit(7);
    }
    CHECK(status_of(child) == 7);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python.view();
    holdfast::exec("import os, warnings\nwarnings.simplefilter('ignore')");
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(view);
        inside.set();
        {
            const holdfast::detach_guard detached;
            go.wait();
        }
        const int child = holdfast::eval<int>("os.fork()");
        if (child == 0) {  // Python is fit for use here, by who was inside; nobody else is admitted
            alarm(10);
            CHECK(view.reason() == holdfast::closed_reason::finalizing);
            CHECK(holdfast::eval<int>("1 + 1") == 2);
            // holdfast: ignore[HF613] whoever is refused does not wait for the GIL
            std::thread([&] {
                CHECK(thrown_code<holdfast::closed_error>(
                          [&] { holdfast::attach_guard late(view); }) == "HF202");
            }).join();
            _exit(8);
        }
        // holdfast: ignore[HF613] the child has a GIL of its own
        CHECK(status_of(child) == 8);
    });
    inside.wait();
    std::thread forker([&] {
        { const holdfast::attach_guard once(view, std::nothrow); }
        while (view.alive())
            std::this_thread::yield();
        fork_plainly(view);                               // by a thread that has been inside
        std::thread([&] { fork_plainly(view); }).join();  // and one that has not
        go.set();
    });
    CHECK(python.finalize(30s));
    forker.join();
    worker.join();
    const pid_t late = fork();
    if (late == 0) {
        CHECK(view.reason() == holdfast::closed_reason::finalized);
        _exit(9);
    }
    CHECK(status_of(late) == 9);
}
