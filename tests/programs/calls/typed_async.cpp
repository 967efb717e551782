// Coroutines are tasks: results, errors, cancellation and callbacks; finalize() ends them and their thread.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::task;
using namespace std::chrono_literals;

constexpr const char *source = R"(
import asyncio, threading
started = threading.Event()
released = loop = None
async def double(x):
    await asyncio.sleep(0)
    return 2 * x
async def fail(): raise LookupError('nothing there')
async def leave(): raise SystemExit(3)
async def where(): return threading.current_thread().name
async def wait_for_release():
    global released, loop
    released, loop = asyncio.Event(), asyncio.get_running_loop()
    started.set()
    await released.wait()
    return 'released'
def release(): loop.call_soon_threadsafe(released.set)
async def for_ever():
    started.set()
    try:
        await asyncio.sleep(3600)
    finally:
        ended.append('for_ever')
ended = []
async def count(n):
    for i in range(n):
        if i % 100 == 0: await asyncio.sleep(0)
        yield i
async def mixed():
    for item in (1, 2, 'three', 4): yield item
async def breaks():
    yield 1
    yield 2
    raise LookupError('broken')
def plain(): return 5
def with_callback(f): return f()
async def calls_back(f): return f()
def loops(): return sum(t.name == 'holdfast asyncio' for t in threading.enumerate())
)";

const holdfast::function<task<std::int64_t>(std::int64_t)> twice{"__main__", "double"};
const holdfast::function<task<std::string>()> fail{"__main__", "fail"};
const holdfast::function<task<>()> for_ever{"__main__", "for_ever"};
const holdfast::function<void()> wait_started{"__main__", "started.wait"};

void results() {
    CHECK(twice(21).get() == 42);
    std::future<std::int64_t> future = twice(4);
    CHECK(holdfast::get(future) == 8);
    CHECK(holdfast::function<task<std::string>()>("__main__", "where")().get() ==
          "holdfast asyncio");
    std::vector<std::thread> threads;
    std::atomic<std::int64_t> sum{0};
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&sum, i] {
            std::vector<task<std::int64_t>> many;
            for (int round = 0; round < 50; ++round)
                many.push_back(twice(i));
            for (task<std::int64_t> &one : many)
                sum += one.get();
        });
    for (std::thread &thread : threads)
        thread.join();
    CHECK(sum == 2 * 50 * 28);
    {
        const holdfast::attach_guard attached;  // waits detached, or the loop could not run
        CHECK(twice(1).get() == 2);
    }
    CHECK(holdfast::eval<int>("loops()") == 1);
}

void errors() {
    CHECK(contains(thrown_text<holdfast::python_error>([] { fail().get(); }),
                   "HF400 LookupError: nothing there"));
    try {
        holdfast::function<task<>()>("__main__", "leave")().get();
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.exit_code() == 3);
    }
    const holdfast::function<task<std::int64_t>()> wrong{"__main__", "where"};
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { wrong().get(); }),
                   "HF403 result of __main__.where(): wanted int, found str"));
    const holdfast::function<task<std::int64_t>()> plain{"__main__", "plain"};
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { plain(); }),
                   "wanted awaitable, found int"));
    CHECK(twice(5).get() == 10);  // none of it has ended the loop
}

std::string type_of(const std::function<void()> &action) {
    try {
        action();
    } catch (const holdfast::python_error &problem) {
        return problem.type();
    }
    return "";
}

void cancelling() {
    auto endless = for_ever();
    wait_started();
    CHECK(!endless.wait_for(0ms));
    endless.cancel();
    CHECK(type_of([&] { endless.get(); }) == "asyncio.exceptions.CancelledError");
    CHECK(holdfast::eval<std::string>("ended.pop()") == "for_ever");
    holdfast::exec("started.clear()");
    auto done = twice(1);
    done.wait();
    done.cancel();
    CHECK(done.get() == 2);
}

void callbacks() {
    std::promise<std::string> seen;
    const holdfast::function<task<std::string>()> wait_for_release{"__main__", "wait_for_release"};
    auto released = wait_for_release();
    wait_started();
    holdfast::exec("started.clear()");
    std::move(released).then([&seen](std::future<std::string> result) {
        seen.set_value(result.get() + (holdfast::attached() ? " attached" : ""));
    });
    holdfast::exec("release()");
    auto future = seen.get_future();
    CHECK(holdfast::get(future) == "released attached");
    CHECK_THROWS(std::future_error, task<>().then([](std::future<void>) {}));
    auto ended = twice(3);
    ended.wait();
    std::int64_t at_once = 0;
    std::move(ended).then([&at_once](std::future<std::int64_t> result) { at_once = result.get(); });
    CHECK(at_once == 6);
    // On the loop's own thread, waiting for the loop is impossible.
    const auto waits = holdfast::callable("waits", [] { return twice(1).get(); });
    const holdfast::function<task<std::int64_t>(holdfast::object)> calls_back{"__main__",
                                                                              "calls_back"};
    CHECK(
        contains(thrown_text<holdfast::python_error>([&] { calls_back(waits).get(); }), "HF412 "));
}

void ranges() {
    using numbers = holdfast::async_range<std::int64_t>;
    const holdfast::function<numbers(std::int64_t)> count{"__main__", "count"};
    std::int64_t sum = 0;
    for (const std::int64_t item : count(5000))
        sum += item;
    CHECK(sum == 4999 * 2500);
    const holdfast::function<numbers()> breaks{"__main__", "breaks"};
    const auto broken = breaks();
    CHECK(broken.next() == 1 && broken.next() == 2);
    CHECK(contains(thrown_text<holdfast::python_error>([&] { broken.next(); }),
                   "LookupError: broken"));
    const auto mixed = holdfast::function<numbers()>("__main__", "mixed")();
    CHECK(mixed.next() == 1 && mixed.next() == 2);  // the error comes where the item would have
    CHECK(contains(thrown_text<holdfast::conversion_error>([&] { mixed.next(); }),
                   "wanted int, found str"));
    CHECK(!mixed.next());
    CHECK(contains(thrown_text<holdfast::conversion_error>([] { holdfast::eval<numbers>("[1]"); }),
                   "wanted async iterable, found list"));
    CHECK(count(10).next() == 0);  // the rest is never asked for
}

/// Dropped with an interpreter that ended without waiting, as by a Py_FinalizeEx() that is cut short.
void dropped() {
    const auto task = std::make_shared<holdfast::detail::shared_task<int>>();
    task->called = "__main__.twice()";
    std::future<int> result = task->promise.get_future();
    { const holdfast::detail::task_end<int> end(task); }
    CHECK(contains(
        thrown_text<holdfast::closed_error>([&] { result.get(); }),
        "HF203 __main__.twice() has not come to its end: the interpreter has been finalized\n"));
}

/// The coroutines of a thread that is inside continue while the gate is closed; then all of them end.
void end(holdfast::interpreter &python) {
    auto endless = for_ever();
    wait_started();
    holdfast::exec("started.clear()");
    event inside;
    event closed;
    std::thread waits([&inside, &closed] {
        const holdfast::function<task<std::string>()> wait_for_release{"__main__",
                                                                       "wait_for_release"};
        const holdfast::function<void()> release{"__main__", "release"};
        const holdfast::attach_guard attached;
        auto released = wait_for_release();
        wait_started();
        inside.set();
        {
            const holdfast::detach_guard detached;
            closed.wait();
        }
        CHECK(twice(4).get() == 8);
        release();
        CHECK(released.get() == "released");
    });
    inside.wait();
    CHECK(!python.finalize(0ms));
    CHECK_THROWS(holdfast::closed_error, twice(1));
    closed.set();
    waits.join();
    CHECK(python.finalize(10s));
    CHECK(type_of([&] { endless.get(); }) == "asyncio.exceptions.CancelledError");
    CHECK_THROWS(holdfast::closed_error, twice(1));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    results();
    errors();
    cancelling();
    callbacks();
    ranges();
    dropped();
    end(python);
}
