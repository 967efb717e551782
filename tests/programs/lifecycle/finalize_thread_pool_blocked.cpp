// A blocked worker of a thread pool is named when the limit passes; when it continues, finalize() can end.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>

#include "block_function.hpp"
#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python.view());
        block_function::add();
        run_python(
            "import concurrent.futures\n"
            "def stuck_in_the_pool():\n"
            "    block()\n"
            "pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix='pool')\n"
            "pool.submit(stuck_in_the_pool)");
    }
    block_function::inside.wait();
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(200));
    CHECK(!report);
    bool named = false;
    for (const holdfast::attached_thread &thread : report.still_inside)
        named = named || (thread.name.find("pool") == 0 &&
                          thread.python_stack.find("stuck_in_the_pool") != std::string::npos);
    CHECK(named);
    block_function::go.set();
    CHECK(python.finalize(std::chrono::seconds(15)));
}
