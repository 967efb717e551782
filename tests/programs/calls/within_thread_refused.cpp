// within() throws HF223 if no thread can watch the limit, and keeps each limit that it has accepted.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "few_threads.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

constexpr const char *for_ever = "while True: pass";

void refused_before_the_call() {
    bool called = false;
    threads_to_give = 0;
    const std::string code =
        thrown_code<holdfast::error>([&] { holdfast::within(1h, [&] { called = true; }); });
    threads_to_give = any_number;
    CHECK(code == "HF223" && !called);
}

void kept_without_further_threads() {
    threads_to_give = 1;
    CHECK_THROWS(holdfast::deadline_error,
                 holdfast::within(20ms, [] { holdfast::exec(for_ever); }));
    for (int i = 0; i < 3; ++i)
        CHECK_THROWS(holdfast::deadline_error,
                     holdfast::within(5ms, [] { holdfast::exec(for_ever); }));
    threads_to_give = any_number;
}

/// Each interpreter has its own watcher, so that a thread that holds one does not keep another from being
/// interrupted.
void one_for_each_interpreter(const holdfast::interpreter &python) {
    holdfast::subinterpreter other(python);
    event entered;
    event refused;
    std::thread first([&] {
        holdfast::within(1h, python.view(), [&] {
            const holdfast::detach_guard detached;
            entered.set();
            refused.wait();
        });
    });
    entered.wait();
    const auto spin = [&] {
        holdfast::within(20ms, other.view(), [] { holdfast::exec(for_ever); });
    };
    threads_to_give = 0;
    CHECK(thrown_code<holdfast::error>(spin) == "HF223");
    threads_to_give = 1;
    CHECK(thrown_code<holdfast::error>(spin) == "HF222");
    threads_to_give = 0;
    CHECK(thrown_code<holdfast::error>(spin) == "HF222");
    refused.set();
    threads_to_give = any_number;
    first.join();
    CHECK(other.finalize(5s));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    refused_before_the_call();
    kept_without_further_threads();
    one_for_each_interpreter(python);
    CHECK(python.finalize(5s));
}
