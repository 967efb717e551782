// A sub-interpreter whose start fails with threads in it: an exception, and the main one's finalize() ends it.
// deadline: 60
// short-run: no
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

#include "check.hpp"
#include "said_on_stderr.hpp"
#include "scratch_folder.hpp"
#include "thrown_text.hpp"

namespace {

/// While it is set, this thread has no memory for a row of a report.
thread_local bool has_no_room_for_rows = false;

}  // namespace

void *operator new(std::size_t size) {
    void *const found = has_no_room_for_rows && size == sizeof(holdfast::attached_thread)
                            ? nullptr
                            : std::malloc(size);
    if (found == nullptr)
        throw std::bad_alloc();
    return found;
}
// Not inlined: GCC would take free() for the wrong end of what operator new returned
[[gnu::noinline]] void operator delete(void *old) noexcept { std::free(old); }
[[gnu::noinline]] void operator delete(void *old, std::size_t) noexcept { std::free(old); }

namespace {

/// \param has_room  for the report of what is still inside.
void with(const char *daemon, bool has_room) {
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
        has_no_room_for_rows = !has_room;
        const std::string text = thrown_text<holdfast::python_error>(
            [&] { const holdfast::subinterpreter inner(python, config); });
        has_no_room_for_rows = false;
        CHECK(contains(text, "ZeroDivisionError"));
    });
    CHECK(contains(said, "left to the end of the main interpreter"));
    CHECK(contains(said, "HF218") == has_room);
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(contains(report.still_inside.front().where, "(in a sub-interpreter)"));
    std::ofstream(end) << "now\n";
    while (!python.finalize(std::chrono::seconds(1)))
        continue;
}

}  // namespace

int main() {
    with("False", true);
    with("True", true);
    with("False", false);
}
