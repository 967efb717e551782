// A sub-interpreter whose start fails with threads in it: an exception, and the main one's finalize() ends it.
// deadline: 60
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <fstream>
#include <string>

#include "check.hpp"
#include "said_on_stderr.hpp"
#include "scratch_folder.hpp"
#include "thrown_text.hpp"

namespace {

void with(const char *daemon) {
    const scratch_folder folder;
    const std::string end = (folder.path() / "end").generic_string();
    holdfast::interpreter python;
    holdfast::subinterpreter_config config;
    config.shared_gil = true;
    config.startup =
        "import os, threading, time\n"
        "def wait():\n"
        "    while not os.path.exists('" +
        end +
        "'): time.sleep(0.005)\n"
        "threading.Thread(target=wait, daemon=" +
        daemon +
        ").start()\n"
        "1 / 0";
    const std::string said = said_on_stderr([&] {
        const std::string text = thrown_text<holdfast::python_error>(
            [&] { const holdfast::subinterpreter inner(python, config); });
        CHECK(contains(text, "ZeroDivisionError"));
    });
    CHECK(contains(said, "HF218"));
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(contains(report.still_inside.front().where, "(in a sub-interpreter)"));
    std::ofstream(end) << "now\n";
    while (!python.finalize(std::chrono::seconds(1)))
        continue;
}

}  // namespace

int main() {
    with("False");
    with("True");
}
