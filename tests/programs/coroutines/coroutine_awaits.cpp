// C++20 coroutines await Python's and the tasks of pools, Python awaits them, and each side cancels the other.
// flags: -std=c++20
// short-run: no
#include <holdfast/coroutines.hpp>
#include <holdfast/holdfast.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

using holdfast::coroutine;
using holdfast::on;

constexpr const char *source = R"(
import asyncio, threading
started, ended = threading.Event(), []
async def greet(name):
    await asyncio.sleep(0)
    return 'hello, ' + name
async def fail(): raise LookupError('nothing there')
async def for_ever():
    started.set()
    try:
        await asyncio.sleep(3600)
    finally:
        ended.append('for_ever')
def double(x): return 2 * x
async def await_twice(x): return await native_twice(x), await native_twice(1.5)
async def await_failure():
    try:
        await native_failure()
    except ValueError as problem:
        return str(problem)
async def cancel_native():
    task = asyncio.ensure_future(native_wait())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return 'cancelled'
async def await_stopped():
    try:
        await native_stopped()
    except asyncio.CancelledError:
        return 'stopped'
async def await_from_a_loop_that_refuses(what):
    loop = asyncio.get_running_loop()
    accepts = loop.call_soon_threadsafe
    def refuses(callback, *arguments):
        if callback.__name__ == 'settle' and what in ('all', arguments[0]):
            raise MemoryError('no room')
        return accepts(callback, *arguments)
    loop.call_soon_threadsafe = refuses
    try:
        future = native_twice(4)
        while not future.done():
            await asyncio.sleep(0.001)
        return str(future.exception())
    finally:
        del loop.call_soon_threadsafe
async def await_value_refused(): return await await_from_a_loop_that_refuses(0)
async def await_all_refused(): return await await_from_a_loop_that_refuses('all')
async def await_for_ever():
    try:
        await native_wait()
    finally:
        ended.append('await_for_ever')
)";

/// A thread that runs what is posted to it.
class loop {
public:
    ~loop() {
        post(nullptr);
        thread_.join();
    }
    void post(std::function<void()> work) {
        const std::lock_guard<std::mutex> hold(mutex_);
        queue_.push_back(std::move(work));
        more_.notify_one();
    }
    [[nodiscard]] bool is_here() const { return std::this_thread::get_id() == thread_.get_id(); }

private:
    void run() {
        for (;;) {
            std::unique_lock<std::mutex> hold(mutex_);
            more_.wait(hold, [this] { return !queue_.empty(); });
            const std::function<void()> work = std::move(queue_.front());
            queue_.pop_front();
            hold.unlock();
            if (!work)
                return;
            work();
        }
    }

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<std::function<void()>> queue_;
    std::thread thread_{[this] { run(); }};
};

struct on_loop {
    loop *which;
    void operator()(std::function<void()> work) const { which->post(std::move(work)); }
};

/// Refuses once finalize() has begun.
struct on_pool {
    holdfast::executor *which;
    template <class Function>
    void operator()(Function work) const {
        (void)which->submit(std::move(work));
    }
};

const holdfast::function<holdfast::task<std::string>(std::string)> greet{"__main__", "greet"};
const holdfast::function<holdfast::task<>()> fail{"__main__", "fail"};
const holdfast::function<holdfast::task<>()> for_ever{"__main__", "for_ever"};
const holdfast::function<double(double)> twice{"__main__", "double"};
const holdfast::function<void()> wait_started{"__main__", "started.wait"};

template <class T>
T result_of(const char *name) {
    return holdfast::function<holdfast::task<T>()>("__main__", name)().get();
}

std::string type_of(std::future<void> future) {
    try {
        future.get();
    } catch (const holdfast::python_error &problem) {
        return problem.type();
    }
    return "";
}

coroutine<double> doubled(on_loop where, holdfast::executor &pool, double x) {
    co_return co_await on(where, pool, twice, x);
}

/// Every continuation runs on the loop, detached; calls that have begun run meanwhile.
coroutine<std::string> all(on_loop where, holdfast::executor &pool) {
    co_await on(where);
    CHECK(where.which->is_here());
    auto second = on(where, greet("Grace"));
    auto third = on(where, pool, [] { return std::string("!"); });
    const std::string first = co_await on(where, greet("Ada"));
    CHECK(where.which->is_here() && !holdfast::attached());
    const std::string both = first + "; " + co_await std::move(second) + co_await std::move(third);
    CHECK(where.which->is_here() && co_await doubled(where, pool, 21) == 42);
    co_return both;
}

coroutine<> fails(on_loop where) { co_await on(where, fail()); }
coroutine<> waits(on_loop where) { co_await on(where, for_ever()); }
coroutine<> waits_within(on_loop where) { co_await waits(where); }
/// The inner one's own cancellation leaves this one alone.
coroutine<std::string> waits_until(on_loop where, holdfast::cancellation off) {
    try {
        co_await waits(where).cancelled_by(off);
    } catch (const holdfast::python_error &) {
        CHECK(off.requested());
    }
    co_return co_await on(where, greet("Bob"));
}
coroutine<> waits_in_pool(on_pool where) { co_await on(where, for_ever()); }
coroutine<double> queued(on_loop where, holdfast::executor &pool) {
    co_return co_await doubled(where, pool, 1);
}

void awaiting(loop &its, holdfast::executor &pool) {
    CHECK(holdfast::start(all({&its}, pool)).get() == "hello, Ada; hello, Grace!");
    CHECK(
        contains(thrown_text<holdfast::python_error>([&] { holdfast::start(fails({&its})).get(); }),
                 "HF400 LookupError: nothing there"));
    std::promise<std::string> given;
    on(on_loop{&its}, greet("you")).then([&](std::future<std::string> ready) {
        CHECK(its.is_here());
        given.set_value(ready.get());
    });
    CHECK(given.get_future().get() == "hello, you");
}

/// A request reaches what the innermost coroutine awaits.
void cancelling(loop &its, holdfast::executor &pool) {
    const holdfast::cancellation off;
    std::future<void> endless = holdfast::start(waits_within({&its}), off);
    wait_started();
    off.request();
    CHECK(type_of(std::move(endless)) == "asyncio.exceptions.CancelledError");
    CHECK(holdfast::eval<std::string>("ended.pop()") == "for_ever");
    holdfast::exec("started.clear()");

    {
        const holdfast::cancellation inner;
        std::future<std::string> goes_on = holdfast::start(waits_until({&its}, inner));
        wait_started();
        inner.request();
        CHECK(goes_on.get() == "hello, Bob");
        CHECK(holdfast::eval<std::string>("ended.pop()") == "for_ever");
        holdfast::exec("started.clear()");
    }
    for (const bool at_start : {false, true}) {  // each of two cancellations cancels it
        const holdfast::cancellation own;
        const holdfast::cancellation given;
        std::future<void> both = holdfast::start(waits_within({&its}).cancelled_by(own), given);
        wait_started();
        (at_start ? given : own).request();
        CHECK(type_of(std::move(both)) == "asyncio.exceptions.CancelledError");
        CHECK(holdfast::eval<std::string>("ended.pop()") == "for_ever");
        holdfast::exec("started.clear()");
    }

    event release;
    std::future<void> first = pool.submit([&release] {
        const holdfast::detach_guard detached;
        release.wait();
    });
    const holdfast::cancellation second;
    std::future<double> waiting = holdfast::start(queued({&its}, pool), second);
    second.request();
    CHECK(thrown_code<holdfast::pool_error>([&] { waiting.get(); }) == "HF302");
    // Requested before: it fails at once
    std::future<double> late = holdfast::start(queued({&its}, pool), second);
    CHECK(thrown_code<holdfast::pool_error>([&] { late.get(); }) == "HF302");
    release.set();
    first.get();
}

struct refuses_all {
    template <class Function>
    void operator()(const Function &) const {
        throw std::runtime_error("no room");
    }
};

/// A coroutine that is destroyed while it waits is not resumed.
void destroying(loop &its, holdfast::executor &pool) {
    event release;
    event resumed;
    std::future<void> first = pool.submit([&release] {
        const holdfast::detach_guard detached;
        release.wait();
    });
    {
        auto call = std::make_optional(on(on_loop{&its}, pool, twice, 1.0));
        auto refused = on(refuses_all{}, pool, twice, 1.0);
        struct never {
            struct promise_type {
                never get_return_object() {
                    return {std::coroutine_handle<promise_type>::from_promise(*this)};
                }
                std::suspend_never initial_suspend() noexcept { return {}; }
                std::suspend_always final_suspend() noexcept { return {}; }
                void return_void() {}
                void unhandled_exception() { std::terminate(); }
            };
            std::coroutine_handle<promise_type> frame;
        };
        const auto wait = [](auto pending, event &told) -> never {
            co_await std::move(pending);
            told.set();
        };
        wait(std::move(*call), resumed).frame.destroy();
        wait(std::move(refused), resumed).frame.destroy();
    }
    release.set();
    first.get();
    CHECK(pool.drain(std::chrono::seconds(10)));
    event behind;
    its.post([&behind] { behind.set(); });
    behind.wait();
    CHECK(!resumed.wait_for(std::chrono::milliseconds(0)));
}

loop *shared_loop;
holdfast::executor *shared_pool;
event *noticed;

coroutine<double> native_twice(double x) {
    if (x > 2)
        co_await on(on_loop{shared_loop});
    co_return co_await on(on_loop{shared_loop}, *shared_pool, twice, x);
}
coroutine<> native_failure() {
    co_await on(on_loop{shared_loop});
    throw std::invalid_argument("not that one");
}
coroutine<> native_wait() {
    const holdfast::cancellation off = co_await holdfast::this_cancellation();
    try {
        co_await on(on_loop{shared_loop}, for_ever());
    } catch (const holdfast::python_error &) {
        if (off.requested())
            noticed->set();
        throw;
    }
}
coroutine<> native_stopped() {
    co_await on(on_loop{shared_loop});
    throw holdfast::cancelled_error();
}

void awaited(loop &its, holdfast::executor &pool) {
    shared_loop = &its;
    shared_pool = &pool;
    {
        const holdfast::attach_guard attached;
        const holdfast::object names = holdfast::eval<holdfast::object>("globals()");
        const auto add = [&names](const char *name, auto function) {
            names.attr("__setitem__").call(name, holdfast::callable(name, function));
        };
        add("native_twice", &native_twice);
        add("native_failure", &native_failure);
        add("native_wait", &native_wait);
        add("native_stopped", &native_stopped);
    }
    const holdfast::function<holdfast::task<std::pair<double, double>>(double)> await_twice{
        "__main__", "await_twice"};
    CHECK(await_twice(4).get() == std::pair(8.0, 3.0));
    CHECK(result_of<std::string>("await_failure") == "not that one");
    CHECK(result_of<std::string>("await_stopped") == "stopped");
    // A loop that does not take the end fails the future
    CHECK(result_of<std::string>("await_value_refused") == "no room");
    CHECK(result_of<std::string>("await_all_refused") == "no room");

    event seen;
    noticed = &seen;
    CHECK(result_of<std::string>("cancel_native") == "cancelled");
    seen.wait();
    CHECK(contains(thrown_text<holdfast::python_error>([] { holdfast::exec("native_twice(1)"); }),
                   "no running event loop"));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(source);
    event last;
    {
        loop its;
        holdfast::executor pool(python, 1);
        awaiting(its, pool);
        cancelling(its, pool);
        destroying(its, pool);
        awaited(its, pool);

        // finalize() cancels the Python coroutine, and with it the one that it awaits.
        noticed = &last;
        auto endless = holdfast::function<holdfast::task<>()>("__main__", "await_for_ever")();
        // A pool that refuses then does not keep a coroutine from ending.
        std::future<void> refused = holdfast::start(waits_in_pool({&pool}));
        std::promise<std::string> given;
        on(on_pool{&pool}, for_ever()).then([&given](std::future<void> ready) {
            given.set_value(type_of(std::move(ready)));
        });
        holdfast::exec("started.clear()");
        CHECK(python.finalize(std::chrono::seconds(10)).finalized);
        CHECK(type_of(std::move(refused)) == "asyncio.exceptions.CancelledError");
        CHECK(given.get_future().get() == "asyncio.exceptions.CancelledError");
    }
}
