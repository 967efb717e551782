// isolated_executor: a worker keeps memory mapped, uses it again once no view has it, and never keeps much of it.
// deadline: 60
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "open_files.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using holdfast::function;
using memory = holdfast::basic_memory_view<const std::byte>;

namespace {

const char *const app = R"(
import _thread, collections, errno, functools, operator, os, resource, signal, sys

kept = []
def keep(values):
    kept.append(values)
def intact(start):
    return all(bytes(one) == bytes([start + i]) * len(one) for i, one in enumerate(kept))
def forget(): kept.clear()
def filled(value, size): return memoryview(bytes([value]) * size)
def several(value, sizes): return [bytes([value + i]) * size for i, size in enumerate(sizes)]
def back(values): return values
def fill(value, values):
    values[:] = bytes([value]) * len(values)
    return values
def count(values): return len(values)
def end(): os.kill(os.getpid(), signal.SIGKILL)
def faults_of(values):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    total = sum(values[::4096])
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
def worker():
    """The worker that runs the call."""
    frame = sys._getframe(1)
    while not hasattr(frame.f_locals.get('self'), 'released'):
        frame = frame.f_back
    return frame.f_locals['self']
class DropsMeanwhile(dict):
    """As if another thread dropped the last view of a segment while the worker takes another back."""
    def pop(self, *args):
        forget()
        return super().pop(*args)
def drop_meanwhile(one, other):
    keep(one)
    worker().mapped = DropsMeanwhile(worker().mapped)
    return filled(1, 100000)
def in_use():
    found = len(worker().mapped)
    worker().mapped = dict(worker().mapped)
    return found
def drop_interrupted():
    """A call is interrupted, and the first bytecode after that would be one that runs because of the drop."""
    its = worker()
    its.words[type(its).on_interrupt.__globals__['INTERRUPT']] = its.current
    interrupt = functools.partial(_thread.interrupt_main, signal.SIGINT)
    collections.deque(map(operator.methodcaller('__call__'), (interrupt, kept.clear)), 0)
def interrupt_in(name, after):
    """A call is interrupted where that method of the worker begins, some calls of it later."""
    its = worker()
    def stand_in(*args):
        nonlocal after
        after -= 1
        if after < 0:
            delattr(its, name)
            its.words[type(its).on_interrupt.__globals__['INTERRUPT']] = its.current
            its.on_interrupt(0, None)
        return getattr(type(its), name)(its, *args)
    setattr(its, name, stand_in)
def no_room_after(count):
    """The system has no memory for a page of a result, after some writes."""
    real = os.pwrite
    def stand_in(descriptor, data, position):
        nonlocal count
        count -= 1
        if count < 0:
            os.pwrite = real
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data[:50000], position)
    os.pwrite = stand_in
def descriptors(): return len(os.listdir('/proc/self/fd'))
def mapped(kind):
    """How many mappings of such memory there are, and how many bytes."""
    sizes = []
    with open('/proc/self/maps') as maps:
        for line in maps:
            if f'/memfd:{kind} ' in line:
                start, _, end = line.split()[0].partition('-')
                sizes.append(int(end, 16) - int(start, 16))
    return [len(sizes), sum(sizes)]
)";

constexpr std::size_t mb = std::size_t{1} << 20U;

bool is_all(const memory &view, int value, std::size_t size) {
    bool all = view.size() == size;
    for (std::size_t i = 0; all && i < size; ++i)
        all = view.data()[i] == static_cast<std::byte>(value);
    return all;
}

memory made_of(int value, std::size_t size) {
    return memory(std::string(size, static_cast<char>(value)));
}

std::vector<std::size_t> mapped(holdfast::isolated_executor &pool, const char *kind) {
    return pool.call(function<std::vector<std::size_t>(std::string)>{"app", "mapped"}, kind);
}

/// Up to six views live at once, and die in another order than they came; sizes go up and down.
void check_results(holdfast::isolated_executor &pool) {
    const function<memory(int, std::size_t)> make{"app", "filled"};
    std::deque<std::pair<memory, int>> alive;
    const auto size_of = [](int value) {
        return 66000 + static_cast<std::size_t>(value * 37 % 11) * 30011;
    };
    for (int value = 0; value < 120; ++value) {
        alive.emplace_back(pool.call(make, value, size_of(value)), value);
        for (const auto &[view, its] : alive)
            CHECK(is_all(view, its, size_of(its)));
        if (alive.size() > static_cast<std::size_t>(value % 6))
            alive.erase(alive.begin() + value % static_cast<int>(alive.size()));
    }
    const std::vector<std::size_t> there = mapped(pool, "holdfast-result");
    CHECK(there[0] >= 1 && there[0] <= 4);
    alive.clear();
    const function<std::vector<holdfast::bytes>(int, std::vector<std::size_t>)> several{"app",
                                                                                        "several"};
    for (const std::size_t larger : {0UL, 1UL, 63UL, 64UL, 4095UL, 4096UL, 70000UL, 1UL}) {
        const std::vector<std::size_t> sizes{65536 + larger, 65536, 70001 + larger};
        const std::vector<holdfast::bytes> got = pool.call(several, 7, sizes);
        for (std::size_t i = 0; i < sizes.size(); ++i)
            CHECK(got[i].data == std::string(sizes[i], static_cast<char>(7 + i)));
    }
}

/// What Python keeps stays as it is, however often the host sends something after it.
void check_arguments(holdfast::isolated_executor &pool) {
    const function<void(memory)> keep{"app", "keep"};
    const function<memory(memory)> back{"app", "back"};
    const function<bool(int)> intact{"app", "intact"};
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 12; ++i) {
            const std::size_t size = 70000 + static_cast<std::size_t>(i % 5) * 9000;
            pool.call(keep, made_of(50 + i, size));
            CHECK(is_all(pool.call(back, made_of(i, size)), i, size));
        }
        CHECK(pool.call(intact, 50));
        pool.submit_named<void>("app", "forget").get();
    }
    // What Python writes to an argument is not in the next one.
    using writable = holdfast::basic_memory_view<std::byte>;
    const function<memory(int, writable)> fill{"app", "fill"};
    CHECK(is_all(pool.call(fill, 9, writable(std::string(100000, 'x'))), 9, 100000));
    CHECK(is_all(pool.call(back, made_of(8, 100000)), 8, 100000));
}

/// A worker finds the pages of an argument where they were, and not too many of them.
void check_bounds(holdfast::isolated_executor &pool) {
    const function<void(memory)> keep{"app", "keep"};
    const function<int(memory)> faults{"app", "faults_of"};
    const function<void()> forget{"app", "forget"};
    const memory large = made_of(1, 8 * mb);
    pool.call(faults, large);
    int seen = 0;
    for (int i = 0; i < 10; ++i)
        seen += pool.call(faults, large);
    CHECK(seen < 10 * 64);
    for (const std::size_t size : {8 * mb, mb / 8}) {
        for (int i = 0; i < 20; ++i)
            pool.call(keep, made_of(i, size));
        CHECK(mapped(pool, "holdfast")[0] >= 20);
        pool.call(forget);
        CHECK(is_all(pool.call(function<memory(memory)>{"app", "back"}, large), 1, 8 * mb));
        const std::vector<std::size_t> there = mapped(pool, "holdfast");
        CHECK(there[0] <= 9 && there[1] <= 72 * mb);
    }
    const std::vector<std::size_t> results = mapped(pool, "holdfast-result");
    CHECK(results[0] <= 4);
}

/// A segment whose last view is the result, and one that is dropped while the worker takes another
/// one back: each is given back with this answer.
void check_dropped_late(holdfast::isolated_executor &pool) {
    CHECK(is_all(pool.call(function<memory(memory)>{"app", "back"}, made_of(1, 70000)), 1, 70000));
    CHECK(pool.call(function<int()>{"app", "in_use"}) == 0);
    CHECK(is_all(pool.call(function<memory(memory, memory)>{"app", "drop_meanwhile"},
                           made_of(1, 70000), made_of(2, 70000)),
                 1, 100000));
    CHECK(pool.call(function<int()>{"app", "in_use"}) == 0);
}

/// A call reaches its limit just when it drops an argument that an earlier call has kept.
void check_interrupted_drop(holdfast::isolated_executor &pool) {
    const std::size_t before = open_files();
    for (int i = 0; i < 20; ++i) {
        pool.call(function<void(memory)>{"app", "keep"}, made_of(i, 70000));
        CHECK_THROWS(holdfast::error, pool.submit_named<void>("app", "drop_interrupted").get());
        CHECK(pool.call(function<int()>{"app", "in_use"}) == 0);
    }
    CHECK(open_files() <= before);
    CHECK(pool.counters().workers_ended == 0);
}

/// A call that is near its limit while its arguments are mapped: each is given back, and no
/// descriptor stays.
void check_interrupted(holdfast::isolated_executor &pool, const char *method, int after) {
    const function<int()> descriptors{"app", "descriptors"};
    const function<int(std::vector<holdfast::bytes>)> count{"app", "count"};
    const std::vector<holdfast::bytes> three(3, holdfast::bytes{std::string(70000, 'x')});
    CHECK(pool.call(count, three) == 3);
    const int before = pool.call(descriptors);
    pool.call(function<void(std::string, int)>{"app", "interrupt_in"}, method, after);
    CHECK_THROWS(holdfast::error, pool.call(count, three));
    CHECK(pool.call(descriptors) == before);
    CHECK(pool.call(count, three) == 3);
    CHECK(pool.counters().workers_ended == 0);
}

/// A worker ends: the views of what it has returned stay, and the next one begins afresh.
void check_end(holdfast::isolated_executor &pool) {
    const function<memory(int, std::size_t)> make{"app", "filled"};
    memory first = pool.call(make, 1, 100000UL);
    first = memory();
    const memory again = pool.call(make, 2, 100000UL);  // in memory that was used before
    CHECK_THROWS(holdfast::worker_error, pool.submit_named<void>("app", "end").get());
    for (int value = 3; value < 10; ++value) {
        CHECK(is_all(pool.call(make, value, 100000UL), value, 100000));
        CHECK(is_all(again, 2, 100000));
    }
}

/// Memory that a result could not be written to is not used for the next one.
void check_no_room(const holdfast::isolated_config &config) {
    holdfast::isolated_executor pool(config);
    const function<memory(int, std::size_t)> make{"app", "filled"};
    for (const int writes : {0, 1}) {
        const std::size_t size = writes == 0 ? 100000 : 150000;  // memory that is kept is too small
        pool.call(function<void(int)>{"app", "no_room_after"}, writes);
        std::string type;
        try {
            (void)pool.call(make, 1, size);
        } catch (const holdfast::python_error &problem) {
            type = problem.type();
        }
        CHECK(type == "OSError");
        const memory after = pool.call(make, 2, size);
        CHECK(is_all(after, 2, size));
    }
    for (int value = 0; value < 8; ++value)
        CHECK(is_all(pool.call(make, value, 100000UL), value, 100000));
    CHECK(pool.counters().workers_ended == 0);
}

/// What a worker keeps takes none of the few descriptors that it may have.
void check_few_files(holdfast::isolated_config config) {
    config.open_files = 20;
    holdfast::isolated_executor pool(config);
    const function<memory(memory)> back{"app", "back"};
    for (int i = 0; i < 20; ++i) {
        const std::size_t size = 70000 + static_cast<std::size_t>(i) * 5000;
        for (int again = 0; again < 3;
             ++again) {  // a result's memory is mapped when it is used again
            const memory first = pool.call(back, made_of(i, size));
            const memory second = pool.call(back, made_of(i + 1, size));
            CHECK(is_all(first, i, size) && is_all(second, i + 1, size));
        }
    }
    // More arguments than it has descriptors for: the call fails, and the next one does not.
    const function<int(std::vector<holdfast::bytes>)> count{"app", "count"};
    const std::vector<holdfast::bytes> many(16, holdfast::bytes{std::string(70000, 'x')});
    for (int round = 0; round < 3; ++round) {
        try {
            CHECK(pool.call(count, many) == 16);  // if mappings need no descriptors
        } catch (const holdfast::python_error &problem) {
            CHECK(contains(problem.what(), "Too many open files"));
        }
        CHECK(is_all(pool.call(back, made_of(round, 70000)), round, 70000));
    }
    CHECK(pool.counters().workers_ended == 0);
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    holdfast::isolated_executor pool(with_workers(1, folder));
    check_results(pool);
    check_arguments(pool);
    check_bounds(pool);
    check_dropped_late(pool);
    check_interrupted_drop(pool);
    check_interrupted(pool, "map_all", 0);
    check_interrupted(pool, "map", 1);
    check_end(pool);
    check_no_room(with_workers(1, folder));
    check_few_files(with_workers(1, folder));
}
