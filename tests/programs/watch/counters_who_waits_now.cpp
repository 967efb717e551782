// Counters show which threads wait to attach now, and since when, while another thread holds the interpreter.
// python: gil
#include <holdfast/interpreter.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/watch/counters.hpp>

#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

int main() {
    holdfast::interpreter python;
    holdfast::start_counters();
    event inside;
    event leave;
    std::thread holder([&] {
        const holdfast::attach_guard attached(python);
        inside.set();
        leave.wait();
    });
    inside.wait();
    std::thread waiter([&] {
        holdfast::detail::set_thread_name("a \"b\" \\");
        const holdfast::attach_guard attached(python);
    });
    while (holdfast::read_counters().waiting == 0)
        std::this_thread::yield();
    const std::chrono::nanoseconds first = holdfast::read_counters().longest_wait;
    holdfast::process_counters all;
    do {
        all = holdfast::read_counters();
    } while (all.longest_wait <= first);  // it grows while the wait goes on
    CHECK(all.waiting == 1 && all.attached == 1);
    const std::string text = holdfast::prometheus_text(all);
    CHECK(contains(text, "holdfast_threads_waiting 1\n"));
    CHECK(contains(text, "holdfast_thread_attaches_total{thread=\"a \\\"b\\\" \\\\\",id=\""));
    leave.set();
    holder.join();
    waiter.join();
    CHECK(holdfast::read_counters().waiting == 0);
    CHECK(holdfast::read_counters().wait_total >= all.longest_wait);
}
