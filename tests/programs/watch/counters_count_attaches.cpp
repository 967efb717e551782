// Attaches, calls, tasks and their times are counted per thread and in total, and nothing before counting is started.
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/watch/counters.hpp>

#include <algorithm>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

holdfast::thread_counters of(const holdfast::process_counters &all, const std::string &name) {
    const auto found =
        std::find_if(all.threads.begin(), all.threads.end(),
                     [&](const holdfast::thread_counters &one) { return one.name == name; });
    CHECK(found != all.threads.end());
    return *found;
}

}  // namespace

int main() {
    using namespace std::chrono_literals;
    {
        holdfast::interpreter python;
        CHECK(!holdfast::read_counters().counting);
        CHECK(holdfast::read_counters().threads.empty());
        holdfast::start_counters();
        holdfast::start_counters();  // once is enough
        CHECK(holdfast::read_counters().counting);
        CHECK(holdfast::read_counters().attaches == 0);

        holdfast::exec("def add(a, b): return a + b");
        const holdfast::function<long(long, long)> add("__main__", "add");
        event counted;
        event go_on;
        std::thread worker([&] {
            holdfast::detail::set_thread_name("worker");
            for (int i = 0; i < 100; ++i) {
                const holdfast::attach_guard attached(python);
                const holdfast::attach_guard nested(python);  // no attach
                add(1, 2);
            }
            add(1, 2);
            const auto end = std::chrono::steady_clock::now() + 30ms;
            const holdfast::attach_guard attached(python);
            while (std::chrono::steady_clock::now() < end) {}
            counted.set();
            go_on.wait();
        });
        counted.wait();
        const holdfast::process_counters all = holdfast::read_counters();
        const holdfast::thread_counters one = of(all, "worker");
        CHECK(one.attaches == 101);  // and one that goes on
        CHECK(one.calls == 101);
        CHECK(one.phase == holdfast::thread_phase::attached);
        CHECK(one.since >= 25ms && one.longest_hold >= one.since &&
              one.hold_total >= one.longest_hold);
        CHECK(all.attached == 1 && all.waiting == 0);
        CHECK(all.attaches >= 102);
        go_on.set();
        worker.join();
        CHECK(of(holdfast::read_counters(), "worker").phase == holdfast::thread_phase::ended);

        holdfast::executor pool(python, 1);
        for (int i = 0; i < 3; ++i)
            pool.submit(add, i, i).get();
        CHECK(of(holdfast::read_counters(), "holdfast-0").calls == 3);
        CHECK(pool.drain(10s));
        CHECK(of(holdfast::read_counters(), "holdfast-0").tasks == 3);
    }
    const holdfast::process_counters after = holdfast::read_counters();  // Python has ended
    CHECK(after.attached == 0);
    const std::string text = holdfast::prometheus_text(after);
    CHECK(text.find("# TYPE holdfast_attaches_total counter\nholdfast_attaches_total " +
                    std::to_string(after.attaches) + "\n") != std::string::npos);
}
