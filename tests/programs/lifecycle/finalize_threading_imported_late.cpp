// If a native thread imports threading while finalize() waits for it, a pool that it leaves is waited for within the limit.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "block_function.hpp"
#include "check.hpp"
#include "event.hpp"
#include "finalize_waits.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        block_function::add();
        add_finalize_waits();
    }
    event runs;
    // It does not pass the gate, and is waited for because it runs Python code.
    std::thread unregistered([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        runs.set();
        run_python(
            "import time\n"
            "while not finalize_waits():\n"
            "    time.sleep(0.001)\n"
            "import concurrent.futures\n"
            "pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix='late')\n"
            "result = pool.submit(block)");
        PyGILState_Release(before);
    });
    runs.wait();
    // Without a limit for them, this would wait for what it itself is to end.
    holdfast::finalize_report report = python.finalize(std::chrono::seconds(2));
    CHECK(!report);
    unregistered.join();
    bool is_named = false;
    for (const holdfast::attached_thread &thread : report.still_inside)
        is_named = is_named || thread.where.find("threading calls at exit") != std::string::npos;
    CHECK(is_named);
    block_function::go.set();
    report = python.finalize(std::chrono::seconds(15));
    CHECK(report && report.left_behind.empty());
}
