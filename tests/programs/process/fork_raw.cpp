// After a raw fork() while a worker is inside, the child is refused at once with HF205; exec and _exit work.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(view);
        inside.set();
        go.wait();  // attached: in the child nobody will ever give Python back
    });
    inside.wait();
    const pid_t child = fork();
    if (child == 0) {
        CHECK(view.reason() == holdfast::closed_reason::forked_child);
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) ==
              "HF205");
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard late; }) == "HF205");
        CHECK(thrown_code<holdfast::closed_error>(
                  [&] { holdfast::interpreter_guard late(view); }) == "HF205");
        CHECK(thrown_code<holdfast::closed_error>(
                  [&] { python.finalize(std::chrono::seconds(1)); }) == "HF205");
        std::thread([&] { CHECK(!holdfast::attach_guard(view, std::nothrow)); }).join();
        python.~interpreter();  // does nothing, and does not wait for threads that are not here
        _exit(9);
    }
    CHECK(status_of(child) == 9);
    go.set();
    worker.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}
