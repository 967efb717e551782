// A thread pool that a Python thread makes while finalize() waits for it is told to end, as one that was there before.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <cstdio>

#include "check.hpp"
#include "finalize_waits.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        add_finalize_waits();
        run_python(
            "import threading, time\n"
            "def make_late():\n"
            "    global pool, result\n"
            "    while not finalize_waits():\n"
            "        time.sleep(0.001)\n"
            "    assert 'concurrent.futures' not in sys.modules\n"
            "    import concurrent.futures\n"
            "    pool = concurrent.futures.ThreadPoolExecutor(2)\n"
            "    result = pool.submit(sum, (1, 2))\n"
            "threading.Thread(target=make_late).start()");
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(15));
    if (!report || !report.left_behind.empty())
        std::fprintf(stderr, "%s", report.text().c_str());
    CHECK(report && report.left_behind.empty());
}
