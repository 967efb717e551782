// After an interpreter has been finalized, a second one works, for old threads and for new ones.
#include <holdfast/holdfast.hpp>
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

/// A thread of an earlier Python visits a later one.
struct visit {
    event may_begin;
    holdfast::interpreter_view where;  // set before it may begin
    event is_over;
};

/// A daemon thread that is inside when Python ends, because it came after the drain, does not hold up
/// the next Python's end; nor does it after it has been inside the next one, too.
void leave_a_daemon_inside(visit &next) {
    // Never destroyed: the thread waits for ever.
    auto &drained = *new event;
    auto &entered = *new event;
    const auto &never = *new event;
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached;
        const holdfast::object add =
            holdfast::eval<holdfast::object>("globals()").attr("__setitem__");
        add.call("stay", holdfast::callable("stay", [&, where = &next] {
                     {
                         const holdfast::detach_guard detached;
                         drained.wait();
                     }
                     const holdfast::attach_guard inside;
                     const holdfast::detach_guard detached;
                     entered.set();
                     where->may_begin.wait();
                     for (int turn = 0; turn < 2; ++turn) {
                         const holdfast::attach_guard there(where->where);
                         CHECK(text_of_python("'threading' in globals()") == "False");
                         const holdfast::attach_guard nested(where->where);
                     }
                     where->is_over.set();
                     never.wait();
                 }));
        add.call("wait", holdfast::callable("wait", [&] {
                     const holdfast::detach_guard detached;
                     entered.wait();
                 }));
        add.call("told", holdfast::callable("told", [&, told = false]() mutable {
                     if (!std::exchange(told, true))  // CPython's own shutdown calls it, too
                         drained.set();
                 }));
    }
    holdfast::exec(
        "import threading\n"
        "threading._register_atexit(told)\n"  // runs once the gate is empty
        "threading.Thread(target=stay, daemon=True).start()\n"
        "threading.Thread(target=wait).start()\n");
    CHECK(python.finalize(std::chrono::seconds(10)));
}

}  // namespace

int main() {
    auto &daemon = *new visit;
    leave_a_daemon_inside(daemon);
    std::optional<holdfast::interpreter> python(std::in_place);
    daemon.where = python->view();
    daemon.may_begin.set();
    daemon.is_over.wait();
    event first_over;
    event second_started;
    std::thread old_thread([&] {
        {
            const holdfast::attach_guard attached(python->view());
            run_python("generation = 1");
        }
        first_over.set();
        second_started.wait();
        const holdfast::attach_guard attached(python->view());  // its cached state is of the first
        CHECK(text_of_python("'generation' in globals()") == "False");
        run_python("generation = 2");
        const holdfast::detach_guard detached;
        const holdfast::attach_guard again;
        CHECK(number_of_python("generation") == 2);
    });
    first_over.wait();
    CHECK(python->finalize(std::chrono::seconds(5)));
    python.reset();
    python.emplace();
    second_started.set();
    old_thread.join();
    std::thread([&] {
        const holdfast::attach_guard attached;
        CHECK(number_of_python("generation") == 2);
    }).join();
    CHECK(python->finalize(std::chrono::seconds(5)));
}
