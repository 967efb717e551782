// The watchdog names the thread that has the GIL, also if it is in another interpreter that shares the GIL.
// python: gil
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/watch/counters.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"

int main() {
    holdfast::interpreter_config config;
    config.watchdog = std::chrono::milliseconds(20);
    holdfast::interpreter python(config);
    holdfast::subinterpreter_config sharing;
    sharing.shared_gil = true;
    const holdfast::subinterpreter shared(python, sharing);
    const auto &header = holdfast::detail::process().record_file.load()->header();
    const std::string report = said_on_stderr([&] {
        event inside;
        std::thread holder([&] {
            holdfast::detail::set_thread_name("holder");
            const holdfast::attach_guard attached(python);
            inside.set();
            while (header.notes_used.load() == 0)
                std::this_thread::yield();
        });
        inside.wait();
        std::thread waiter([&] { const holdfast::attach_guard attached(shared); });
        holder.join();
        waiter.join();
    });
    CHECK(contains(report, "HF810 an attach has waited "));
    CHECK(contains(report, "\n  'holder' ("));
    CHECK(contains(report, ") has held it "));
}
