// A non-daemon Python thread that does not end is named, with its stack, before Py_FinalizeEx() is called.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import atexit, threading\n"
            "released = threading.Event()\n"
            "def wait_for_godot():\n"
            "    released.wait()\n"
            "threading.Thread(target=wait_for_godot, name='estragon').start()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(report.still_inside.size() == 1);
    CHECK(report.still_inside.front().name == "estragon");
    CHECK(contains(report.still_inside.front().python_stack, "wait_for_godot"));
    CHECK(contains(report.still_inside.front().where, "daemon"));
    CHECK(!holdfast::attached());
    CHECK(!holdfast::attach_guard(python.view(), std::nothrow));
    python.reopen();
    {
        const holdfast::attach_guard attached(python.view());
        run_python("released.set()");
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
