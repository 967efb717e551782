// A sub-interpreter whose start fails with threads in it: an exception, and the main one's finalize() ends it.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <unistd.h>

#include <chrono>
#include <string>

#include "check.hpp"
#include "said_on_stderr.hpp"
#include "thrown_text.hpp"

namespace {

void with(const char *daemon) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    holdfast::interpreter python;
    holdfast::subinterpreter_config config;
    config.shared_gil = true;
    config.startup = "import os, threading\nthreading.Thread(target=os.read, args=(" +
                     std::to_string(ends[0]) + ", 1), daemon=" + daemon + ").start()\n1 / 0";
    const std::string said = said_on_stderr([&] {
        const std::string text = thrown_text<holdfast::python_error>(
            [&] { const holdfast::subinterpreter inner(python, config); });
        CHECK(contains(text, "ZeroDivisionError"));
    });
    CHECK(contains(said, "HF218"));
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(contains(report.still_inside.front().where, "(in a sub-interpreter)"));
    CHECK(write(ends[1], "x", 1) == 1);
    while (!python.finalize(std::chrono::seconds(1)))
        continue;
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

}  // namespace

int main() {
    with("False");
    with("True");
}
