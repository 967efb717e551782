// A thread that holds the interpreter in C cannot be interrupted: finalize() reports that in time, and can be repeated.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

int main() {
    event held;
    event let_go;
    holdfast::interpreter python;
    std::thread holder([&] {
        const holdfast::attach_guard attached;
        held.set();
        let_go.wait();
    });
    held.wait();
    const auto begun = std::chrono::steady_clock::now();
    const holdfast::finalize_report report =
        python.finalize(100ms, holdfast::interrupt_after{10ms});
    CHECK(std::chrono::steady_clock::now() - begun < 20s);
    CHECK(!report);
    // An attach helper that waits behind the holder is holdfast's own, and in no report.
    CHECK(report.still_inside.size() == 1);
#ifndef Py_GIL_DISABLED
    CHECK(!report.still_inside.front().interrupted);
    CHECK(contains(report.still_inside.front().python_stack,
                   "unavailable: a thread has not detached"));
#endif
    let_go.set();
    holder.join();
    CHECK(python.finalize(30s, holdfast::interrupt_after{10ms}));
}
