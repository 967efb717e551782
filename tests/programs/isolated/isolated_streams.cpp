// isolated_executor: generators arrive in chunks while they run, callbacks report progress, and on_limit gives more time.
// deadline: 90
// short-run: no
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const char *const app = R"(
import os, threading, time

produced = 0
def count(most):
    global produced
    for produced in range(most):
        yield produced
def produced_so_far(): return produced
def endless():
    number = 0
    while True:
        yield number
        number += 1
def closes(path):
    try:
        yield from endless()
    finally:
        open(path, "w").close()
def fails_after(most):
    yield from range(most)
    raise KeyError("enough")
def crashes_after(most):
    yield from range(most)
    os.abort()
def stuck_after(most):
    yield from range(most)
    sum(range(10 ** 15))
def stuck_at_end():
    try:
        yield from endless()
    finally:
        time.sleep(1000)
def large(count):
    for number in range(count):
        yield bytes([number]) * 100_000
def number(): return 5

def work(steps, progress):
    for step in range(steps):
        progress(step / steps, "step")
    return steps
def until(go_on):
    steps = 0
    while go_on(steps):
        steps += 1
    return steps
kept = None
def keeps(progress):
    global kept
    kept = progress
    progress(1)
def calls_kept():
    kept(2)
def in_thread(progress):
    threads = [threading.Thread(target=progress, args=[n]) for n in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def swallows(progress):
    try:
        progress(1)
    except RuntimeError:
        pass
    return 1
def wrong_type(progress): progress("text")
def wrong_count(progress): progress()
def reports_all_values(progress): progress({"a": [1.5, 2.5]})

def slow(count, seconds):
    for number in range(count):
        time.sleep(seconds)
        yield number
def judges(is_good, count):
    for number in range(count):
        yield [number, int(is_good(number))]

def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end: pass
    return seconds
)";

using holdfast::range;
const function<range<long>(long)> count_to{"app", "count"};
const function<range<long>()> endless{"app", "endless"};
const function<double(double, double)> add{"operator", "add"};

void check_generators(holdfast::isolated_executor &pool, const scratch_folder &folder) {
    long next = 0;
    for (const long value : pool.iterate(count_to, 100000))
        CHECK(value == next++);
    CHECK(next == 100000);
    CHECK(!pool.iterate(count_to, 0).next());

    {  // a generator does not run far ahead of its reader
        const range<long> slow = pool.iterate(count_to, 1000000);
        CHECK(slow.next() == 0);
    }
    CHECK(pool.call(function<long()>{"app", "produced_so_far"}) < 5000);

    const std::string closed = (folder.path() / "closed").string();
    {
        const function<range<long>(std::string)> closes{"app", "closes"};
        const range<long> some = pool.iterate(closes, closed);
        for (long i = 0; i < 1000; ++i)
            CHECK(some.next() == i);
    }
    CHECK(pool.call(add, 1, 2) == 3);
    CHECK(std::filesystem::exists(closed));

    std::size_t seen = 0;
    for (const holdfast::bytes &one :
         pool.iterate(function<range<holdfast::bytes>(long)>{"app", "large"}, 50)) {
        CHECK(one.data.size() == 100000 && one.data[0] == static_cast<char>(seen));
        ++seen;
    }
    CHECK(seen == 50);
}

void check_ends_of_generators(holdfast::isolated_executor &pool) {
    const range<long> fails = pool.iterate(function<range<long>(long)>{"app", "fails_after"}, 10);
    for (long i = 0; i < 10; ++i)
        CHECK(fails.next() == i);
    try {
        (void)fails.next();
        CHECK_NOT_REACHED("a generator that raises ends as one that does not");
    } catch (const holdfast::python_error &raised) {
        CHECK(raised.type() == "KeyError");
    }
    const range<long> crashes =
        pool.iterate(function<range<long>(long)>{"app", "crashes_after"}, 2000);
    CHECK_THROWS(holdfast::worker_error, [&] {
        while (crashes.next()) {}
    }());
    CHECK_THROWS(holdfast::python_error,
                 pool.iterate(function<range<long>()>{"app", "number"}).next());
    const range<std::string> mistaken =
        pool.iterate(function<range<std::string>(long)>{"app", "count"}, 3);
    CHECK_THROWS(holdfast::conversion_error, mistaken.next());
    CHECK(pool.call(add, 1, 2) == 3);
}

void check_callbacks(holdfast::isolated_executor &pool) {
    using reporting = std::function<void(double, std::string)>;
    const function<long(long, reporting)> work{"app", "work"};
    std::vector<double> seen;
    const reporting progress = [&](double done, const std::string &what) {
        CHECK(what == "step");
        seen.push_back(done);
    };
    CHECK(pool.call(work, 100, progress) == 100);
    CHECK(seen.size() == 100 && seen[50] == 0.5);
    seen.clear();
    CHECK(pool.submit(work, 100, progress).get() == 100);
    CHECK(seen.size() == 100);

    const function<long(std::function<bool(long)>)> until{"app", "until"};
    CHECK(pool.call(until, [](long steps) { return steps < 7; }) == 7);

    using counting = std::function<void(long)>;
    const auto throws = [](long) { throw std::runtime_error("stop here"); };
    for (const char *const name : {"keeps", "swallows"})
        CHECK_THROWS(std::runtime_error,
                     pool.call(function<void(counting)>{"app", name}, counting(throws)));
    std::atomic<long> sum{0};
    const counting adds = [&](long value) { sum += value; };
    pool.call(function<void(counting)>{"app", "keeps"}, adds);
    CHECK(sum.exchange(0) == 1);
    CHECK_THROWS(holdfast::python_error, pool.call(function<void()>{"app", "calls_kept"}));
    pool.submit(function<void(counting)>{"app", "in_thread"}, adds).get();
    CHECK(sum.exchange(0) == 28);
    CHECK_THROWS(holdfast::conversion_error,
                 pool.call(function<void(counting)>{"app", "wrong_type"}, adds));
    CHECK_THROWS(holdfast::python_error,
                 pool.call(function<void(counting)>{"app", "wrong_count"}, adds));
    using table = std::map<std::string, std::vector<double>>;
    table got;
    pool.call(function<void(std::function<void(table)>)>{"app", "reports_all_values"},
              [&](table value) { got = std::move(value); });
    CHECK(got == table{{"a", {1.5, 2.5}}});
}

/// What a function of the host returns is not mixed up with the chunks that are read meanwhile.
void check_callbacks_of_generators(holdfast::isolated_executor &pool) {
    using judge = std::function<bool(long)>;
    const function<range<std::vector<long>>(judge, long)> judges{"app", "judges"};
    long next = 0;
    for (const std::vector<long> &one :
         pool.iterate(judges, [](long value) { return value % 3 == 0; }, 3000)) {
        CHECK(one[0] == next && one[1] == (next % 3 == 0 ? 1 : 0));
        if (++next % 50 == 0)
            std::this_thread::sleep_for(1ms);  // so that chunks wait
    }
    CHECK(next == 3000);
}

/// More calls and chunks than a ring holds, by many threads at a time.
void check_many_at_once(holdfast::isolated_executor &pool) {
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round)
                if (i % 2 == 0) {
                    long next = 0;
                    for (const long value : pool.iterate(count_to, 500))
                        wrong += value == next++ ? 0 : 1;
                    wrong += next == 500 ? 0 : 1;
                } else {
                    wrong += pool.call(add, i, round) == i + round ? 0 : 1;
                }
        });
    for (std::thread &one : threads)
        one.join();
    CHECK(wrong == 0);
}

void check_limits(const scratch_folder &folder) {
    holdfast::isolated_config config = with_workers(1, folder);
    config.limit = 300ms;
    std::atomic<int> asked{0};
    std::string task;
    config.on_limit = [&](const holdfast::limit_question &question) {
        task = question.task;
        return ++asked == 1 ? 300ms : asked == 2 ? 30000ms : 0ms;
    };
    holdfast::isolated_executor pool(config);
    const function<double(double)> spin{"app", "spin"};
    CHECK(pool.call(spin, 0.7) == 0.7);  // the second time, enough for a busy machine
    CHECK(task == "app.spin()");
    const int before = asked.load();
    CHECK(before == 2);
    CHECK_THROWS(holdfast::deadline_error, pool.submit(spin, 1000).get());
    CHECK(asked == 3);
    CHECK(pool.drain(30s) && pool.counters().deadlines == 1 && pool.counters().tasks == 2);

    // For generators, the limit is one for each chunk, and none while the reader is slow.
    config.on_limit = nullptr;
    holdfast::isolated_executor other(config);
    {
        const range<long> numbers = other.iterate(endless);
        CHECK(numbers.next() == 0);
        std::this_thread::sleep_for(600ms);
        for (long i = 1; i < 10000; ++i)
            CHECK(numbers.next() == i);
    }
    // One that nobody reads any more has a limit again, even if it was as far ahead as it may be.
    {
        const auto dropped = other.iterate(function<range<long>()>{"app", "stuck_at_end"});
        CHECK(dropped.next() == 0);
        std::this_thread::sleep_for(200ms);
    }
    CHECK(other.drain(30s));
    // It does not apply to many values together, which are sent at once to a slow reader.
    const range<long> slow =
        other.iterate(function<range<long>(long, double)>{"app", "slow"}, 60, 0.02);
    for (long i = 0; i < 60; ++i) {
        CHECK(slow.next() == i);
        if (i == 10)
            std::this_thread::sleep_for(600ms);
    }
    CHECK(!slow.next());
    const range<long> stuck = other.iterate(function<range<long>(long)>{"app", "stuck_after"}, 3);
    CHECK_THROWS(holdfast::deadline_error, [&] {
        while (stuck.next()) {}
    }());
}

/// A range that nobody reads does not keep the pool from ending.
void check_pool_ends(const scratch_folder &folder) {
    std::optional<holdfast::isolated_executor> pool(std::in_place, with_workers(1, folder));
    const range<long> numbers = pool->iterate(endless);
    const range<long> waiting = pool->iterate(endless);
    CHECK(numbers.next() == 0);
    pool.reset();
    CHECK_THROWS(holdfast::pool_error, waiting.next());
    CHECK_THROWS(holdfast::pool_error, [&] {
        while (numbers.next()) {}
    }());
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    {
        holdfast::isolated_executor pool(with_workers(1, folder));
        check_generators(pool, folder);
        check_ends_of_generators(pool);
        check_callbacks(pool);
        check_callbacks_of_generators(pool);
        check_many_at_once(pool);
        CHECK(pool.drain(30s));
    }
    check_limits(folder);
    check_pool_ends(folder);
}
