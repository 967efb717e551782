// An exception that an inner within() takes or throws away still reaches the outer ones, and finalize().
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

namespace {

void taken_by_the_inner_limit() {
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(60ms, [] {
                     CHECK_THROWS(holdfast::deadline_error,
                                  holdfast::within(20ms, [] { holdfast::exec("nap()"); }));
                     holdfast::exec("spin()");
                 }));
    CHECK(!holdfast::eval<bool>("has_spun"));
}

void passed_on_through_three_limits() {
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(40ms, [] {
                     CHECK_THROWS(holdfast::deadline_error, holdfast::within(30ms, [] {
                                      CHECK_THROWS(
                                          holdfast::deadline_error,
                                          holdfast::within(20ms, [] { holdfast::exec("nap()"); }));
                                      holdfast::exec("spin()");
                                  }));
                     holdfast::exec("spin()");
                 }));
    CHECK(!holdfast::eval<bool>("has_spun"));
}

/// No bytecode runs after the exception has been raised, so the inner scope throws it away.
void thrown_away_by_the_inner_limit() {
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(60ms, [] {
                     holdfast::within(20ms, [] {
                         const holdfast::detach_guard detached;
                         std::this_thread::sleep_for(200ms);  // until both limits have passed
                     });
                     holdfast::exec("spin()");
                 }));
    CHECK(!holdfast::eval<bool>("has_spun"));
}

void nothing_is_left_over() {
    CHECK(holdfast::eval<int>("sum(range(10))") == 45);
    holdfast::within(60s, [] { CHECK(holdfast::eval<int>("sum(range(200))") == 19900); });
}

/// finalize() interrupts each thread once. Here that happens during a nap that exceeds a limit, too.
void meant_for_finalize_too(holdfast::interpreter &python) {
    event napping;
    bool has_spun = false;
    std::thread caller([&] {
        const holdfast::attach_guard attached;
        try {
            holdfast::within(20ms, [&] {
                napping.set();
                holdfast::exec("nap()");
            });
            CHECK_NOT_REACHED("within its limit");
        } catch (const holdfast::deadline_error &) {}
        try {
            holdfast::exec("spin()");
            has_spun = true;
        } catch (const holdfast::python_error &error) {
            CHECK(error.type() == "holdfast.Interrupted");
        }
    });
    napping.wait();
    CHECK(python.finalize(30s, holdfast::interrupt_after{0ms}));
    caller.join();
    CHECK(!has_spun);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import time\n"
        "has_spun = False\n"
        "def nap():\n"
        "    time.sleep(0.2)\n"
        "def spin():\n"
        "    global has_spun\n"
        "    end = time.monotonic() + 10\n"
        "    while time.monotonic() < end: pass\n"
        "    has_spun = True\n");
    taken_by_the_inner_limit();
    passed_on_through_three_limits();
    thrown_away_by_the_inner_limit();
    nothing_is_left_over();
    CHECK_THROWS(holdfast::deadline_error,
                 holdfast::within(std::chrono::milliseconds::min(), [] {}));
    meant_for_finalize_too(python);
}
