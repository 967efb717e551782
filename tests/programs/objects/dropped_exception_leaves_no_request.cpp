// An asynchronous exception that its thread never handles leaves nothing: a traced function still begins, in any thread.
#include <holdfast/holdfast.hpp>

#include <thread>

#include "check.hpp"
#include "event.hpp"

// Up to 3.12 the interpreter remembers that such an exception is to be looked for until somebody meets one, and on 3.11
// a traced function looks for it for ever: then the test's deadline passes.

using namespace std::chrono_literals;

namespace {

void aim_at_this_thread() {
    CHECK(PyThreadState_SetAsyncExc(PyThread_get_thread_ident(), PyExc_KeyboardInterrupt) == 1);
}

void too_late_in_a_guard() {
    const holdfast::attach_guard attached;
    aim_at_this_thread();
}

void at_an_idle_thread() {
    { const holdfast::attach_guard attached; }
    const auto ident = static_cast<unsigned long>(holdfast::detail::this_thread_ident());
    std::thread([&] {
        const holdfast::attach_guard attached;
        CHECK(PyThreadState_SetAsyncExc(ident, PyExc_KeyboardInterrupt) == 1);
    }).join();
    const holdfast::attach_guard attached;
}

void within_a_limit_that_only_cpp_overran() {
    holdfast::within(10ms, [] {
        while (!holdfast::detail::has_async_exception(PyThreadState_Get())) {
            const holdfast::detach_guard detached;
            std::this_thread::yield();
        }
    });
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(R"(
import sys, threading

def add(a, b):
    return a + b

def traced():
    sys.settrace(lambda *event: None)
    try:
        return add(1, 2)
    finally:
        sys.settrace(None)
)");
    for (void (*const drop)() :
         {&too_late_in_a_guard, &at_an_idle_thread, &within_a_limit_that_only_cpp_overran}) {
        std::thread([&] {
            drop();
            CHECK(holdfast::eval<int>("traced()") == 3);  // and by the thread itself
        }).join();
        std::thread([] { CHECK(holdfast::eval<int>("traced()") == 3); }).join();
    }
}
