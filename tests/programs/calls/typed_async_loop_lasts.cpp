// The event loop lasts whatever a call does, until finalize() ends it; and its end touches no later loop.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"

namespace {

using holdfast::task;
using namespace std::chrono_literals;

constexpr const char *source = R"(
import asyncio, threading
started = threading.Semaphore(0)
async def double(x): return 2 * x
async def stop(): asyncio.get_running_loop().stop()
async def submit_within(submit):
    loop = asyncio.get_running_loop()
    accepts = loop.call_soon_threadsafe
    def first(*callback):
        del loop.call_soon_threadsafe
        submit()
        return accepts(*callback)
    loop.call_soon_threadsafe = first
ending, begun = threading.Semaphore(0), threading.Semaphore(0)
async def ignore_the_end():
    usual = asyncio.wait
    async def wait(tasks, timeout):  # gives up when the next loop has begun, instead of after a time
        asyncio.wait = usual
        ending.release()
        begun.acquire()
    asyncio.wait = wait
    asyncio.current_task()._log_destroy_pending = False
    started.release()
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
async def wait_for_release():
    global released, loop
    released, loop = asyncio.Event(), asyncio.get_running_loop()
    started.release()
    await released.wait()
    return 'released'
def release(): loop.call_soon_threadsafe(released.set)
async def exit_when_cancelled():
    started.release()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        raise SystemExit(4)
async def stop_when_cancelled():
    started.release()
    try:
        await asyncio.sleep(3600)
    finally:
        asyncio.get_running_loop().stop()
async def clean_up():
    started.release()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        for _ in range(20):
            await asyncio.sleep(0)
        return 'cleaned up'
async def exit_with_the_loop():
    loop = asyncio.get_running_loop()
    stops = loop.stop
    def stop():
        del loop.stop
        stops()
        raise SystemExit(5)  # as if another call had exited in the same round
    loop.stop = stop
)";

const holdfast::function<task<std::int64_t>(std::int64_t)> twice{"__main__", "double"};
const holdfast::function<void()> wait_started{"__main__", "started.acquire"};

template <class T>
task<T> begin(const char *name) {
    return holdfast::function<task<T>()>("__main__", name)();
}

void calls_that_stop_it() {
    begin<void>("stop").get();
    CHECK(twice(1).get() == 2);
}

/// A finalizer may run while a call is being submitted, and submit another one.
void calls_within_calls() {
    task<std::int64_t> inner;
    holdfast::function<task<>(holdfast::object)>(
        "__main__", "submit_within")(holdfast::callable("submit", [&inner] {
        inner = twice(3);
    })).get();
    CHECK(twice(2).get() == 4 && inner.get() == 6);
}

void next_loop(holdfast::interpreter &python) {
    auto stubborn = begin<void>("ignore_the_end");
    wait_started();
    CHECK(!python.finalize(0ms));
    python.reopen();
    holdfast::function<void()>("__main__", "ending.acquire")();
    auto next = begin<std::string>("wait_for_release");
    wait_started();
    holdfast::function<void()>("__main__", "begun.release")();
    CHECK_THROWS(holdfast::python_error, stubborn.get());  // the first loop has ended
    CHECK(!next.wait_for(0ms));
    holdfast::exec("release()");
    CHECK(next.get() == "released");
}

/// One of several later threads usually has the number of the loop's. It need not wait.
void on_later_threads(const task<std::string> &ended) {
    event all_there;
    std::mutex one_at_a_time;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i)
        threads.emplace_back([&] {
            all_there.wait();
            const std::lock_guard<std::mutex> hold(one_at_a_time);
            ended.wait();
        });
    all_there.set();
    for (std::thread &thread : threads)
        thread.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    calls_that_stop_it();
    calls_within_calls();
    next_loop(python);

    auto exits = begin<void>("exit_when_cancelled");
    auto stops = begin<void>("stop_when_cancelled");
    auto cleans = begin<std::string>("clean_up");
    wait_started();
    wait_started();
    wait_started();
    begin<void>("exit_with_the_loop").get();
    CHECK(python.finalize(10s));
    CHECK_THROWS(holdfast::python_error, stops.get());
    on_later_threads(cleans);
    CHECK(cleans.get() == "cleaned up");
    try {
        exits.get();
        CHECK(false);
    } catch (const holdfast::python_error &problem) {
        CHECK(problem.exit_code() == 4);
    }
}
