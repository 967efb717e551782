// A Python thread that starts the event loop while the gate is closed for a moment does not stop it later.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "event.hpp"

namespace {

using holdfast::task;
using namespace std::chrono_literals;

constexpr const char *source = R"(
import asyncio, threading
started = threading.Semaphore(0)
async def end_at_once(): pass
async def wait_for_release():
    global released, loop
    released, loop = asyncio.Event(), asyncio.get_running_loop()
    started.release()
    await released.wait()
    return 'released'
def release(): loop.call_soon_threadsafe(released.set)

def begin_late(begin, while_starting, before_stop):
    usual = asyncio.new_event_loop
    def new_event_loop():
        asyncio.new_event_loop = usual
        while_starting()
        return usual()
    asyncio.new_event_loop = new_event_loop
    class Lock:
        def __init__(self, own): self.own, self.thread, self.uses = own, threading.get_ident(), 0
        def __enter__(self):
            self.uses += threading.get_ident() == self.thread
            if self.thread == threading.get_ident() and self.uses == 2:
                before_stop()
            return self.own.__enter__()
        def __exit__(self, *problem): return self.own.__exit__(*problem)
    begin(Lock)
def run_late(*what):
    global late
    late = threading.Thread(target=begin_late, args=what, daemon=True)
    late.start()
)";

const holdfast::function<task<>()> end_at_once{"__main__", "end_at_once"};
const holdfast::function<task<std::string>()> wait_for_release{"__main__", "wait_for_release"};

}  // namespace

/// The gate is closed while the thread starts the loop. When it comes to stop the loop, the gate is
/// open, and another call runs there.
int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    event starting;
    event closed;
    event stopping;
    event reopened;
    const auto meet = [](event &here, const event &there) {
        const holdfast::detach_guard detached;
        here.set();
        there.wait();
    };
    {
        const holdfast::attach_guard attached;
        const auto begin_one = [](const holdfast::object &make_lock) {
            const holdfast::object globals =
                holdfast::object::borrow(holdfast::detail::event_loop()).attr("__globals__");
            globals.attr("__setitem__")
                .call<void>("lock", make_lock.call(globals.attr("__getitem__").call("lock")));
            (void)end_at_once();
        };
        holdfast::eval<holdfast::object>("run_late")
            .call<void>(holdfast::callable("begin", begin_one),
                        holdfast::callable("while_starting", [&] { meet(starting, closed); }),
                        holdfast::callable("before_stop", [&] { meet(stopping, reopened); }));
    }
    starting.wait();
    CHECK(!python.finalize(0ms));
    closed.set();
    stopping.wait();
    python.reopen();
    auto next = wait_for_release();
    holdfast::function<void()>("__main__", "started.acquire")();
    reopened.set();
    holdfast::exec("late.join()");
    CHECK(!next.wait_for(0ms));
    holdfast::exec("release()");
    CHECK(next.get() == "released");
}
