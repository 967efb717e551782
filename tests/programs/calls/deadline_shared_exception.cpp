// An exception that an inner within() takes or throws away still reaches the outer ones, and finalize().
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

namespace {

/// Whether within() throws deadline_error for the work.
template <class Work>
bool exceeds(std::chrono::milliseconds limit, Work work) {
    try {
        holdfast::within(limit, work);
        return false;
    } catch (const holdfast::deadline_error &) {
        return true;
    }
}

void nap() { holdfast::exec("nap()"); }
void spin() { holdfast::exec("spin()"); }

void taken_by_the_inner_limit() {
    CHECK(exceeds(60ms, [] {
        CHECK(exceeds(20ms, nap));
        spin();
    }));
    CHECK(!holdfast::eval<bool>("has_spun"));
}

void passed_on_through_three_limits() {
    CHECK(exceeds(40ms, [] {
        CHECK(exceeds(30ms, [] {
            CHECK(exceeds(20ms, nap));
            spin();
        }));
        spin();
    }));
    CHECK(!holdfast::eval<bool>("has_spun"));
}

/// No bytecode runs after the exception has been raised, so the inner scope throws it away.
void thrown_away_by_the_inner_limit() {
    CHECK(exceeds(60ms, [] {
        holdfast::within(20ms, [] {
            const holdfast::detach_guard detached;
            std::this_thread::sleep_for(200ms);  // until both limits have passed
        });
        spin();
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
            CHECK(exceeds(20ms, [&] {
                napping.set();
                nap();
            }));
            spin();
            has_spun = true;
        } catch (
            const holdfast::python_error &error) {  // in spin(), or before the limit was noticed
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
    CHECK(exceeds(std::chrono::milliseconds::min(), [] {}));
    meant_for_finalize_too(python);
}
