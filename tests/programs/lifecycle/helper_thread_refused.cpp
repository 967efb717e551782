// If a thread cannot be started, the host continues without the service and says so (HF224), or gets an error.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "few_threads.hpp"
#include "said_on_stderr.hpp"
#include "thrown_text.hpp"

namespace {

using namespace std::chrono_literals;

template <class Work>
std::string without_threads(const Work &work) {
    return said_on_stderr([&] {
        threads_to_give = 0;
        work();
        threads_to_give = any_number;
    });
}

void event_loop() {
    holdfast::exec(
        "import asyncio\n"
        "async def double(x):\n"
        "    await asyncio.sleep(0)\n"
        "    return 2 * x\n");
    const holdfast::function<holdfast::task<int>(int)> twice{"__main__", "double"};
    const std::string said = without_threads([&] {
        CHECK_THROWS(holdfast::python_error, twice(4));
        CHECK_THROWS(holdfast::python_error, twice(5));
        holdfast::exec("import gc; gc.collect()");
    });
    CHECK(said.empty());  // no coroutine that nobody awaited, no loop that nobody closed
    CHECK(twice(6).get() == 12);
}

void report_without_stacks(holdfast::interpreter &python) {
    event inside;
    event leave;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python);
        const holdfast::detach_guard detached;
        inside.set();
        leave.wait();
    });
    inside.wait();
    std::string report;
    CHECK(contains(without_threads([&] { report = python.finalize(1ms).text(); }), "HF224"));
    CHECK(contains(report, "helper_thread_refused.cpp") &&
          contains(report, "(unavailable: no thread"));
    leave.set();
    worker.join();
    python.reopen();
}

}  // namespace

int main() {
    std::optional<holdfast::interpreter> python;
    holdfast::interpreter_config watched;
    watched.watchdog = 1s;
    const std::string said = without_threads([&] { python.emplace(watched); });
    CHECK(contains(said, "HF224 cannot start a thread for the watchdog") &&
          contains(said, "  do: "));
    event_loop();
    report_without_stacks(*python);
    bool finalized = false;
    CHECK(contains(without_threads([&] { finalized = python->finalize(5s).finalized; }), "HF224"));
    CHECK(finalized);
}
