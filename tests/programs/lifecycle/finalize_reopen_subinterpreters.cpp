// reopen() opens the sub-interpreters that finalize() had closed, but not those that their owners closed.
// deadline: 40
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <functional>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    using namespace std::chrono_literals;
    holdfast::interpreter python;
    holdfast::subinterpreter sub(python);
    holdfast::subinterpreter closed(python);
    event inside_sub;
    event inside_closed;
    event go;
    const auto stay = [&go](const holdfast::interpreter_view &view, event &inside) {
        const holdfast::attach_guard attached(view);
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    };
    std::thread first(stay, sub.view(), std::ref(inside_sub));
    std::thread second(stay, closed.view(), std::ref(inside_closed));
    inside_sub.wait();
    inside_closed.wait();
    CHECK(!closed.finalize(0ms));
    for (int round = 0; round < 2; ++round) {
        CHECK(!python.finalize(10ms));
        CHECK(sub.view().reason() == holdfast::closed_reason::finalizing);
        CHECK(!python.finalize(10ms));  // asked again, it still knows who closed what
        CHECK(thrown_code<holdfast::usage_error>([&] { sub.reopen(); }) == "HF217");
        CHECK(!holdfast::attach_guard(sub.view(), std::nothrow));
        python.reopen();
        CHECK(python.view().alive());
        std::thread([&] {
            const holdfast::attach_guard attached(sub.view());
            run_python("newcomer = True");
        }).join();
        CHECK(!holdfast::attach_guard(closed.view(), std::nothrow));
    }
    closed.reopen();
    CHECK(!python.finalize(10ms));
    CHECK(!sub.finalize(0ms));  // from now on it is its owner's doing
    python.reopen();
    CHECK(!sub.view().alive());
    CHECK(closed.view().alive());
    sub.reopen();
    CHECK(!python.finalize(10ms));
    go.set();
    first.join();
    second.join();
    // Nobody is inside any more, but its end would need the main interpreter.
    CHECK(thrown_code<holdfast::closed_error>([&] { (void)sub.finalize(10s); }) == "HF202");
    CHECK(!sub.view().alive());
    python.reopen();
    CHECK(sub.view().alive());
    CHECK(closed.view().alive());

    // Nor has the main interpreter come as far as to close it.
    event inside_main;
    event go_on;
    std::thread third([&] {
        const holdfast::attach_guard attached(python);
        const holdfast::detach_guard detached;
        inside_main.set();
        go_on.wait();
    });
    inside_main.wait();
    CHECK(!python.finalize(10ms));
    CHECK(sub.view().alive());
    CHECK(thrown_code<holdfast::closed_error>([&] { (void)sub.finalize(10s); }) == "HF202");
    CHECK(!sub.view().alive());
    python.reopen();
    CHECK(sub.view().alive());
    go_on.set();
    third.join();
    CHECK(sub.finalize(10s));
    CHECK(python.finalize(10s));
}
