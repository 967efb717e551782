// finalize() waits for every thread inside, even one that still waits to attach; each finishes its work.
#include <holdfast/interpreter.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

constexpr std::size_t count = 4;

/// One that is inside at the close. Half of them have attached before, and so attach on another path.
struct worker {
    event came_before;
    event may_attach;
    event is_attached;
    event may_go_on;
    std::thread thread;

    void run(const holdfast::interpreter &python, bool kept_a_state,
             std::atomic<std::size_t> &ended) {
        if (kept_a_state)
            const holdfast::attach_guard attached(python.view());
        came_before.set();
        may_attach.wait();
        const holdfast::attach_guard attached(python.view(), std::nothrow);
        CHECK(attached);  // it was through the gate before that closed
        is_attached.set();
        {
            const holdfast::detach_guard detached;
            may_go_on.wait();
        }
        run_python("work()");
        ++ended;
    }
};

}  // namespace

int main() {
    using namespace std::chrono_literals;
    holdfast::interpreter python;
    std::array<worker, count> workers;
    std::atomic<std::size_t> ended{0};
    for (std::size_t i = 0; i < count; ++i) {
        workers[i].thread = std::thread([&, i] { workers[i].run(python, i % 2 == 0, ended); });
        workers[i].came_before.wait();
    }
    {
        // This thread has the GIL, so where there is one, all four wait for it when the gate closes.
        const PyGILState_STATE gil = PyGILState_Ensure();
        run_python(
            "def work():\n"
            "    total = 0\n"
            "    for i in range(200_000):\n"
            "        total += i\n"
            "    return total");
        const auto &door = python.view().ref().record->door;
        for (worker &one : workers)
            one.may_attach.set();
        while (door.count() < count)
            std::this_thread::yield();
        CHECK(!python.finalize(0ms));
        PyGILState_Release(gil);
    }
    for (worker &one : workers)
        one.is_attached.wait();
    CHECK(!holdfast::attach_guard(python.view(), std::nothrow));

    // They leave one by one. Python runs as long as one is inside.
    for (std::size_t i = 0; i + 1 < count; ++i) {
        const holdfast::finalize_report report = python.finalize(10ms);
        CHECK(!report);
        CHECK(report.still_inside.size() == count - i);
        workers[i].may_go_on.set();
        workers[i].thread.join();
        CHECK(ended == i + 1);
    }
    workers[count - 1].may_go_on.set();
    const holdfast::finalize_report report = python.finalize(15s);
    CHECK(report);
    CHECK(ended == count);
    CHECK(report.still_inside.empty());
    CHECK(report.status == 0);
    CHECK(!report.interrupted);
    workers[count - 1].thread.join();
}
