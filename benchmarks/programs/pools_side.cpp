// pools_side.cpp: holdfast's pools and sub-interpreters.
#include <holdfast/holdfast.hpp>

#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "busy.hpp"
#include "python_side.hpp"

namespace {

const holdfast::function<void()> small_task{"__main__", "small_task"};

/// A thousand tasks, submitted by one thread, and all their results.
bench::samples small_tasks(const bench::request &asked) {
    const holdfast::interpreter python;
    holdfast::exec("small_task = lambda: None");
    holdfast::executor pool(python, static_cast<std::size_t>(asked.threads));
    std::vector<std::future<void>> results;
    return bench::repeat(asked, [&] {
        for (int i = 0; i < bench::batch; ++i)
            results.push_back(pool.submit(small_task));
        for (std::future<void> &result : results)
            result.get();
        results.clear();
    });
}

/// Each task keeps its thread and interpreter for the whole measurement.
template <class Pool>
bench::samples occupy(const bench::request &asked, Pool &pool, bool memory) {
    bench::busy_counts &counts = bench::shared_counts();
    std::vector<std::future<void>> members;
    for (int i = 0; i < asked.threads; ++i)
        members.push_back(pool.submit([&counts] {
            bench::define_work();
            PyObject *const work = bench::evaluate("work");
            const auto detached = [](const auto &action) {
                const holdfast::detach_guard outside;
                action();
            };
            bench::be_busy(counts, detached, [work] { bench::call_small(work); });
            Py_DECREF(work);
        }));
    bench::request once = asked;
    if (memory)
        once.samples = 0;
    const bench::samples wall = bench::time_busy(once, counts);
    for (std::future<void> &member : members)
        member.get();
    return memory ? bench::samples{bench::proportional_bytes()} : bench::per_call(wall, counts);
}

/// Threads in one interpreter, which with a GIL take turns.
bench::samples busy_threads(const bench::request &asked) {
    const holdfast::interpreter python;
    {
        const holdfast::attach_guard attached(python);
        bench::define_work();
    }
    const holdfast::function<long long()> work{"__main__", "work"};
    return bench::repeat_on_threads(asked, [&work] { work(); });
}

/// The pool that uses all cores on this Python.
bench::samples on_all_cores(const bench::request &asked, bool memory) {
    const holdfast::interpreter python;
#ifdef Py_GIL_DISABLED
    holdfast::executor pool(python, static_cast<std::size_t>(asked.threads));
#else
    holdfast::subinterpreter_pool_config config;
    config.threads = static_cast<std::size_t>(asked.threads);
    holdfast::subinterpreter_pool pool(python, std::move(config));
#endif
    return occupy(asked, pool, memory);
}

bench::samples busy_cores(const bench::request &asked) { return on_all_cores(asked, false); }
bench::samples busy_memory(const bench::request &asked) { return on_all_cores(asked, true); }

bench::samples subinterpreter_start(const bench::request &asked) {
    const holdfast::interpreter python;
    return bench::repeat(asked, [&] { const holdfast::subinterpreter one(python); });
}

constexpr bench::measure measures[] = {
    {"small_tasks", small_tasks},
    {"busy_threads", busy_threads},
    {"busy_cores", busy_cores},
    {"busy_memory", busy_memory},
    {"subinterpreter_start", subinterpreter_start},
};

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "pools", PY_VERSION, measures); }
