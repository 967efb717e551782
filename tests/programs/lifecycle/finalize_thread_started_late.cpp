// finalize() waits for a Python thread that a callback of Python's thread pools starts after all others have ended.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <cstdio>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        // The pause is for finalize() to see that no thread is left.
        run_python(
            "import threading, time\n"
            "called = threading.Event()\n"
            "def start_late():\n"
            "    if not called.is_set():\n"
            "        called.set()\n"
            "        first.join()\n"
            "        time.sleep(0.1)\n"
            "        threading.Thread(target=time.sleep, args=(0.3,)).start()\n"
            "threading._register_atexit(start_late)\n"
            "first = threading.Thread(target=called.wait)\n"
            "first.start()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(15));
    if (!report || !report.left_behind.empty())
        std::fprintf(stderr, "%s", report.text().c_str());
    CHECK(report && report.left_behind.empty());
}
