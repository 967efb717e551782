// If tasks would wait for each other for ever, one of them gets HF305; no other wait does.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <string>
#include <vector>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

template <class Work>
std::string code_of(Work &&work) {
    return thrown_code<holdfast::usage_error>(work);
}

/// Each waits for the next, as deep as `depth` says. Who comes last to wait is the one that is
/// refused, whatever its depth.
template <class Pool>
void nested(Pool &pool, std::size_t depth, std::atomic<int> &refused) {
    if (depth == 0)
        return;
    auto next = pool.submit([&pool, depth, &refused] { nested(pool, depth - 1, refused); });
    refused += code_of([&] { holdfast::get(next); }) == "HF305" ? 1 : 0;
}

template <class Pool>
int refused_at_depth(Pool &pool, std::size_t depth) {
    std::atomic<int> refused{0};
    pool.submit([&] { nested(pool, depth, refused); }).get();
    CHECK(pool.drain(std::chrono::milliseconds::max()));
    return refused;
}

template <class Pool>
void as_deep_as_there_are_threads(Pool &pool) {
    CHECK(refused_at_depth(pool, pool.threads() - 1) == 0);
    CHECK(refused_at_depth(pool, pool.threads()) == 1);
    CHECK(refused_at_depth(pool, pool.threads() - 1) == 0);
}

void its_own_result(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 2);
    std::shared_future<int> own;
    event known;
    own = pool.submit([&] {
                  {
                      const holdfast::detach_guard detached;
                      known.wait();
                  }
                  return code_of([&] { holdfast::get(own); }) == "HF305" ? 1 : 0;
              })
              .share();
    known.set();
    CHECK(own.get() == 1);
}

/// Each of two pools has one thread, which waits for the other's.
template <class Wait>
int refused_across_two_pools(const holdfast::interpreter &python, const Wait &wait) {
    holdfast::executor one(python, 1);
    holdfast::executor two(python, 1);
    std::atomic<int> refused{0};
    const auto count = [&](const auto &work) { refused += code_of(work) == "HF305" ? 1 : 0; };
    one.submit([&] {
           auto inner = two.submit([&] { count([&] { wait(one); }); });
           count([&] { holdfast::get(inner); });
       })
        .get();
    CHECK(two.drain(std::chrono::milliseconds::max()));
    return refused;
}

void across_pools(const holdfast::interpreter &python) {
    const auto for_a_result = [](auto &pool) { holdfast::get(pool.submit([] {})); };
    const auto until_idle = [](auto &pool) { CHECK(pool.drain(std::chrono::milliseconds::max())); };
    const auto with_a_limit = [](auto &pool) { static_cast<void>(pool.drain(1ms)); };
    const auto for_room = [](auto &pool) {
        for (std::size_t i = 0; i <= holdfast::executor_config{}.capacity; ++i)
            static_cast<void>(pool.submit([] {}));
    };
    CHECK(refused_across_two_pools(python, for_a_result) == 1);
    CHECK(refused_across_two_pools(python, until_idle) == 1);
    CHECK(refused_across_two_pools(python, with_a_limit) == 0);
    CHECK(refused_across_two_pools(python, for_room) == 1);
}

/// All threads of the pool wait, tasks are queued, and yet it continues: another thread sets what one
/// of them waits for.
void a_promise_of_somebody_else(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 1);
    std::promise<int> given;
    event waits;
    auto outer = pool.submit([&] {
        auto wanted = given.get_future();
        waits.set();
        return holdfast::get(wanted);
    });
    auto queued = pool.submit([] { return 2; });
    waits.wait();
    given.set_value(1);
    CHECK(outer.get() + queued.get() == 3);
}

/// Other threads can settle tasks that may be cancelled or dropped.
void settled_by_others(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 1);
    const holdfast::cancellation off;
    event queued;
    auto outer = pool.submit([&] {
        auto inner = pool.submit(off, [] {});
        queued.set();
        return thrown_code<holdfast::cancelled_error>([&] { holdfast::get(inner); });
    });
    queued.wait();
    off.request();
    CHECK(outer.get() == "HF302");

    holdfast::executor_config dropping{1, 1};
    dropping.full = holdfast::when_full::drop_oldest;
    holdfast::executor dropper(python, dropping);
    event filled;
    auto waiting = dropper.submit([&] {
        auto inner = dropper.submit([] {});
        filled.set();
        return thrown_code<holdfast::pool_error>([&] { holdfast::get(inner); });
    });
    filled.wait();
    auto newest = dropper.submit([] {});
    CHECK(waiting.get() == "HF303");
    newest.get();
}

/// Many tasks wait for tasks of the other pool, but not in a circle: none is refused.
void no_false_alarm(const holdfast::interpreter &python) {
    holdfast::executor front(python, 3);
    holdfast::executor back(python, 2);
    std::vector<std::future<int>> results;
    for (int i = 0; i < 500; ++i)
        results.push_back(front.submit([&back, i] {
            auto first = back.submit([i] { return i; });
            auto second = back.submit([] { return 1; });
            return holdfast::get(second) + holdfast::get(first);
        }));
    for (int i = 0; i < 500; ++i)
        CHECK(results[static_cast<std::size_t>(i)].get() == i + 1);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    for (const std::size_t threads : {1U, 2U, 5U}) {
        holdfast::executor pool(python, threads);
        as_deep_as_there_are_threads(pool);
    }
    {
        holdfast::subinterpreter_pool pool(python, 2);
        as_deep_as_there_are_threads(pool);
    }
    its_own_result(python);
    across_pools(python);
    a_promise_of_somebody_else(python);
    settled_by_others(python);
    no_false_alarm(python);
    CHECK(python.finalize(5s));
}
