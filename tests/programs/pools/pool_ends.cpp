// finalize() waits for submitted tasks, and no more are accepted; pool and interpreter may end in either order.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/pools/executor.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"
#if HOLDFAST_DETAIL_HAS_FORK
#include "child.hpp"
#endif

namespace {

using namespace std::chrono_literals;

std::string refusal(holdfast::executor &pool) {
    return thrown_code<holdfast::closed_error>([&] { pool.submit([] {}); });
}

/// Waiting tasks are done, although they had not begun; later ones are refused, unless a task of the pool submits them.
void interpreter_first() {
    std::optional<holdfast::interpreter> python(std::in_place);
    holdfast::executor pool(*python, 1);
    event begun;
    event go;
    std::atomic<int> done{0};
    std::vector<std::future<void>> tasks;
    tasks.push_back(pool.submit([&] {
        const holdfast::detach_guard detached;
        begun.set();
        go.wait();
    }));
    for (int i = 0; i < 50; ++i)
        tasks.push_back(pool.submit([&] {
            holdfast::exec("1 + 1");
            ++done;
        }));
    std::future<int> inner;
    tasks.push_back(pool.submit([&] { inner = pool.submit([] { return 3; }); }));
    begun.wait();

    const holdfast::finalize_report report = python->finalize(50ms);
    CHECK(!report);
    CHECK(!report.still_inside.empty());
    CHECK(refusal(pool) == "HF202");
    go.set();
    CHECK(python->finalize(10s));
    CHECK(done == 50);
    for (auto &task : tasks)
        task.get();
    CHECK(inner.get() == 3);
    const std::string refused = thrown_text<holdfast::closed_error>([&] { pool.submit([] {}); });
    CHECK(contains(
        refused,
        "HF203 pool 'holdfast' cannot take the task: the interpreter has been finalized\n"));
    CHECK(contains(refused, "do: submit before finalize()"));
    CHECK(pool.drain(1s));

    python.reset();
    python.emplace();
    CHECK(refusal(pool) == "HF204");  // its interpreter is not this one
    holdfast::executor fresh(*python, 1);
    CHECK(fresh.submit([] { return 1; }).get() == 1);
}

void pool_first() {
    const holdfast::interpreter python;
    std::atomic<int> done{0};
    {
        holdfast::executor pool(python, 3);
        for (int i = 0; i < 200; ++i)
            static_cast<void>(pool.submit([&done] { ++done; }));
    }
    CHECK(done == 200);
    const holdfast::attach_guard attached(python);
    holdfast::executor pool(python, 2);  // its destructor waits detached
    static_cast<void>(pool.submit([&done] { ++done; }));
}

/// A thread that submitted may finalize: the guard that delays the end is not its own.
void many_ends_under_load() {
    for (int round = 0; round < 5; ++round) {
        holdfast::interpreter python;
        holdfast::executor pool(python, 2);
        std::atomic<long> taken{0};
        std::atomic<long> done{0};
        std::vector<std::thread> producers;
        for (int t = 0; t < 2; ++t)
            producers.emplace_back([&] {
                try {
                    for (;;) {
                        static_cast<void>(pool.submit([&done] { ++done; }));
                        ++taken;
                    }
                } catch (const holdfast::closed_error &) {}
            });
        while (taken < 1000)
            std::this_thread::yield();
        CHECK(python.finalize(10s));
        for (std::thread &producer : producers)
            producer.join();
        CHECK(done == taken);
    }
}

#if HOLDFAST_DETAIL_HAS_FORK
/// In a forked child the pool has no threads. It says so, and its end does not wait for them; nor does it touch the
/// child's own, to which the system gives the numbers of those that are not there.
void forked() {
    const holdfast::interpreter python;
    std::optional<holdfast::executor> pool(std::in_place, python, 2u);
    pool->submit([] {}).get();
    const holdfast::attach_guard attached(python);
    PyOS_BeforeFork();
    const pid_t child = fork();
    if (child == 0) {
        PyOS_AfterFork_Child();
        CHECK(thrown_code<holdfast::pool_error>([&] { pool->submit([] {}); }) == "HF306");
        std::thread one([] {});
        std::thread two([] {});
        pool.reset();
        holdfast::join(one);
        holdfast::join(two);
        {
            holdfast::executor own(python, 2);
            auto result = own.submit([] { return 1; });
            CHECK(holdfast::get(result) == 1);
        }
        std::fflush(nullptr);
        std::_Exit(0);
    }
    PyOS_AfterFork_Parent();
    // holdfast: ignore[HF613] the child has a GIL of its own
    CHECK(status_of(child) == 0);
    auto still = pool->submit([] { return 2; });
    CHECK(holdfast::get(still) == 2);
}
#endif

}  // namespace

int main() {
    interpreter_first();
    pool_first();
    many_ends_under_load();
#if HOLDFAST_DETAIL_HAS_FORK
    forked();
#endif
}
