// finalize() waits for a thread that came in by PyGILState and runs Python; when the limit passes, it names the thread.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        run_python(
            "import threading\n"
            "inside, go = threading.Event(), threading.Event()\n"
            "def foreign_call():\n"
            "    inside.set()\n"
            "    go.wait()");
    }
    bool ended = false;
    std::thread stranger([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        run_python("foreign_call()");
        ended = true;
        PyGILState_Release(before);
    });
    {
        const holdfast::attach_guard attached(python.view());
        run_python("inside.wait()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(report.still_inside.size() == 1);
    CHECK(contains(report.still_inside.front().python_stack, "foreign_call"));
    CHECK(contains(report.still_inside.front().where, "PyGILState"));
    python.reopen();
    {
        const holdfast::attach_guard attached(python.view());
        run_python("threading.Timer(0.05, go.set).start()");
    }
    CHECK(python.finalize(std::chrono::seconds(15)));
    CHECK(ended);
    stranger.join();
}
