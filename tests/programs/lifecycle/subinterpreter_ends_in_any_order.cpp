// Sub-interpreters and pools of them end before or after the main one; finalize() names what it waits for.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/subinterpreter_pool.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

/// The main interpreter's finalize() ends those that are left, if no thread is inside.
void left_behind() {
    holdfast::interpreter python;
    holdfast::subinterpreter first(python);
    std::optional<holdfast::subinterpreter> second(std::in_place, python);
    std::thread([&] {
        const holdfast::attach_guard attached(second->view());
        holdfast::exec("import threading, atexit");
    }).join();
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(first.view());
        inside.set();
        const holdfast::detach_guard detached;
        go.wait();
    });
    inside.wait();
    const holdfast::finalize_report report = python.finalize(50ms);
    CHECK(!report);
    CHECK(contains(report.text(), "(in a sub-interpreter)"));
    go.set();
    worker.join();
    CHECK(python.finalize(10s));
    CHECK(first.finalize(1s));
    CHECK(thrown_code<holdfast::closed_error>(
              [&] { const holdfast::attach_guard late(first.view()); }) == "HF203");
}

void ended_elsewhere() {
    holdfast::interpreter python;
    for (int i = 0; i < 5; ++i) {
        auto one = std::make_unique<holdfast::subinterpreter>(python);
        std::thread([&] { CHECK(one->finalize(5s)); }).join();
        const holdfast::attach_guard attached(python);  // the creator's thread goes on
        CHECK(holdfast::eval<int>("1 + 1") == 2);
    }
    CHECK(python.finalize(5s));
}

/// The interpreter ends first: submitted tasks are done, and the threads end their interpreters.
void interpreter_before_pool() {
    std::optional<holdfast::interpreter> python(std::in_place);
    holdfast::subinterpreter_pool pool(*python, {{2}});
    std::vector<std::future<int>> results;
    for (int i = 0; i < 40; ++i)
        results.push_back(pool.submit([i] { return holdfast::eval<int>("1 + 1") + i; }));
    CHECK(python->finalize(10s));
    for (int i = 0; i < 40; ++i)
        CHECK(results[static_cast<std::size_t>(i)].get() == 2 + i);
    CHECK(thrown_code<holdfast::closed_error>([&] { pool.submit([] {}); }) == "HF203");
    python.reset();
    python.emplace();
    CHECK(thrown_code<holdfast::closed_error>([&] { pool.submit([] {}); }) == "HF204");
    CHECK(python->finalize(5s));
}

/// A task that takes too long is named; the pool accepts no more tasks, and finalize() may be called again.
void a_task_holds_the_end_up() {
    holdfast::interpreter python;
    holdfast::subinterpreter_pool pool(python, {{2}});
    event begun;
    event go;
    auto task = pool.submit([&] {
        const holdfast::detach_guard detached;
        begun.set();
        go.wait();
    });
    begun.wait();
    const holdfast::finalize_report report = python.finalize(50ms);
    CHECK(!report);
    CHECK(contains(report.text(), "holdfast-"));
    CHECK(thrown_code<holdfast::closed_error>([&] { pool.submit([] {}); }) == "HF202");
    go.set();
    CHECK(python.finalize(10s));
    task.get();
}

void pools_come_and_go() {
    holdfast::interpreter python;
    for (int i = 0; i < 3; ++i) {
        holdfast::subinterpreter_pool pool(python, {{3}});
        for (int n = 0; n < 20; ++n)
            static_cast<void>(pool.submit([] { holdfast::exec("import threading, json"); }));
    }
    CHECK(python.finalize(10s));
}

}  // namespace

int main() {
    left_behind();
    ended_elsewhere();
    interpreter_before_pool();
    a_task_holds_the_end_up();
    pools_come_and_go();
}
