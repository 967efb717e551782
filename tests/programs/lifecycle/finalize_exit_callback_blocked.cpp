// What threading calls at exit and does not return is named at the limit, before Py_FinalizeEx() would call it without one.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "contains.hpp"

using namespace std::chrono_literals;

namespace {

/// \param setup    registers a callback that does not return until `go` is set.
/// \param blocked  the function that it is stuck in.
void blocked_by(const std::string &setup, const std::string &blocked) {
    holdfast::interpreter python;
    holdfast::exec("import threading\ngo = threading.Event()\n" + setup);
    for (const auto limit : {0ms, 100ms}) {
        const holdfast::finalize_report report = python.finalize(limit);
        CHECK(!report.finalized);
        CHECK(report.still_inside.size() == 1);
        CHECK(contains(report.still_inside.front().where, "at exit"));
        CHECK(contains(report.still_inside.front().python_stack, blocked));
    }
    python.reopen();
    holdfast::exec("go.set()");
    CHECK(python.finalize(10s));
}

}  // namespace

int main() {
    blocked_by(
        "def wait_for_godot(): go.wait()\n"
        "threading._register_atexit(wait_for_godot)\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "wait_for_godot");
    // Its threads are daemons, like the thread of the host that makes them.
    blocked_by(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "started = threading.Event()\n"
        "def work():\n"
        "    started.set()\n"
        "    go.wait()\n"
        "def make():\n"
        "    ThreadPoolExecutor(1).submit(work)\n"
        "maker = threading.Thread(target=make, daemon=True)\n"
        "maker.start()\n"
        "maker.join()\n"
        "started.wait()",
        "_python_exit");
}
