// isolated_executor: the watchdog reports a worker that runs a task for long, with its memory, and traces have its tasks.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/watch.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "said_on_stderr.hpp"
#include "scratch_folder.hpp"

using namespace std::chrono_literals;
using holdfast::function;

int main() {
    const scratch_folder folder;
    set_variable("HOLDFAST_TRACE", folder.path() / "host.trace");
    set_variable("HOLDFAST_WATCHDOG", "100ms");
    const std::string said = said_on_stderr([] {
        holdfast::isolated_config config;
        config.workers = 1;
        config.name = "scoring";
        config.limit = 1s;
        holdfast::isolated_executor pool(config);
        CHECK(pool.call(function<double(double)>{"math", "sqrt"}, 16) == 4);
        CHECK_THROWS(holdfast::deadline_error,
                     pool.call(function<void(double)>{"time", "sleep"}, 60));
        CHECK(pool.call(function<double(double)>{"math", "sqrt"}, 9) == 3);
    });
    CHECK(contains(said, "HF813"));
    CHECK(contains(said, "worker 'scoring-0' (pid "));
    CHECK(contains(said, ") has run time.sleep() for "));
    CHECK(contains(said, " MB"));
    CHECK(said.find("time.sleep()") == said.rfind("time.sleep()"));  // each task is reported once

    holdfast::detail::recorder *const file =
        holdfast::detail::process().record_file.load(std::memory_order_acquire);
    CHECK(file != nullptr);
    std::uint64_t tasks = 0;
    std::uint64_t events = 0;
    file->for_each_track([&](const holdfast::detail::track_page &page) {
        if (page.is_worker.load() == 0)
            return;
        CHECK(page.state.load() == holdfast::detail::track_state::ended);
        tasks += page.tasks.load();
        events += page.events.load();
    });
    CHECK(tasks == 3 && events == 3);
    CHECK(holdfast::read_counters().threads.empty());  // workers are no threads
}
