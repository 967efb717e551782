// In a child that was forked while another thread was ending a sub-interpreter, its finalize() and reopen() throw HF205.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "thrown.hpp"

int main() {
    constexpr auto for_ever = std::chrono::milliseconds::max();
    holdfast::interpreter python;
    holdfast::subinterpreter sub(python);
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(sub);
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    std::thread ending([&] { CHECK(sub.finalize(for_ever)); });
    while (sub.view().alive())
        std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);
        using holdfast::closed_error;
        CHECK(thrown_code<closed_error>([&] { sub.finalize(for_ever); }) == "HF205");
        CHECK(thrown_code<closed_error>([&] { sub.reopen(); }) == "HF205");
        _exit(9);
    }
    CHECK(status_of(child) == 9);
    go.set();
    ending.join();
    worker.join();
}
