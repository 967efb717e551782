// After reopen(), thread pools can be made, and nobody gets the exception with which finalize() had asked it to end.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

namespace {

void pools_work_again(holdfast::interpreter &python) {
    holdfast::exec(
        "import threading\n"
        "from concurrent.futures import ThreadPoolExecutor, process\n"
        "started = threading.Event()\n"
        "go = threading.Event()\n"
        "def work():\n"
        "    started.set()\n"
        "    go.wait()\n"
        "pool = ThreadPoolExecutor(1)\n"
        "pool.submit(work)\n"
        "started.wait()");
    CHECK(!python.finalize(100ms));
    python.reopen();
    CHECK(holdfast::eval<int>("ThreadPoolExecutor(1).submit(int, '3').result()") == 3);
    holdfast::exec("import asyncio");
    CHECK(holdfast::eval<int>("asyncio.run(asyncio.to_thread(int, '4'))") == 4);
    CHECK(!holdfast::eval<bool>("process._global_shutdown"));
    holdfast::exec("go.set()");
}

void nobody_is_interrupted(holdfast::interpreter &python) {
    event inside;
    event reopened;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python);
        {
            const holdfast::detach_guard detached;
            inside.set();
            reopened.wait();
        }
        for (int i = 0; i < 2; ++i)
            CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
    });
    inside.wait();
    const holdfast::finalize_report report =
        python.finalize(200ms, holdfast::interrupt_after{10ms});
    CHECK(!report);
    CHECK(report.still_inside.size() == 1 && report.still_inside.front().interrupted);
    python.reopen();
    CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
    reopened.set();
    worker.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    pools_work_again(python);
    nobody_is_interrupted(python);
    CHECK(python.finalize(30s));
}
