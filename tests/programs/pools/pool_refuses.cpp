// A full, closed, cancelled or ending pool reports that at submit() or in the future; nothing hangs.
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/executor.hpp>

#include <memory>
#include <thread>
#include <vector>

#include <pthread.h>

#include "check.hpp"
#include "event.hpp"
#include "thrown.hpp"

namespace {

using namespace std::chrono_literals;

/// Keeps a pool's only thread busy until it is released.
class stopper {
public:
    explicit stopper(holdfast::executor &pool)
        : done_(pool.submit([this] {
              const holdfast::detach_guard detached;
              begun_.set();
              go_.wait();
          })) {
        begun_.wait();
    }
    void let_go() {
        go_.set();
        done_.get();
    }

private:
    event begun_;
    event go_;
    std::future<void> done_;
};

holdfast::executor_config small(holdfast::when_full full) {
    holdfast::executor_config config{1, 2};
    config.full = full;
    config.name = "small";
    return config;
}

void full_and_failing(const holdfast::interpreter &python) {
    holdfast::executor pool(python, small(holdfast::when_full::fail));
    stopper stop(pool);
    auto one = pool.submit([] { return 1; });
    auto two = pool.submit([] { return 2; });
    CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit([] {}); }) == "HF300");
    CHECK(pool.waiting() == 2);
    stop.let_go();
    CHECK(one.get() + two.get() == 3);
}

void full_and_dropping(const holdfast::interpreter &python) {
    holdfast::executor pool(python, small(holdfast::when_full::drop_oldest));
    stopper stop(pool);
    std::vector<std::future<int>> results;
    for (int i = 0; i < 5; ++i)
        results.push_back(pool.submit([i] { return i; }));
    for (int i = 0; i < 3; ++i)
        CHECK(thrown_code<holdfast::pool_error>(
                  [&] { results[static_cast<std::size_t>(i)].get(); }) == "HF303");
    stop.let_go();
    CHECK(results[3].get() == 3 && results[4].get() == 4);
}

void full_and_blocking(const holdfast::interpreter &python) {
    holdfast::executor pool(python, small(holdfast::when_full::block));
    stopper stop(pool);
    std::atomic<int> submitted{0};
    std::vector<std::future<int>> results(6);
    std::thread producer([&] {
        const holdfast::attach_guard attached(
            python);  // it waits detached, else nothing would go on
        for (int i = 0; i < 6; ++i) {
            results[static_cast<std::size_t>(i)] = pool.submit([i] { return i; });
            ++submitted;
        }
    });
    while (submitted < 2)
        std::this_thread::yield();
    stop.let_go();
    producer.join();
    for (int i = 0; i < 6; ++i)
        CHECK(results[static_cast<std::size_t>(i)].get() == i);
}

void a_task_that_would_wait_for_its_pool(const holdfast::interpreter &python) {
    holdfast::executor pool(python, small(holdfast::when_full::block));
    auto codes = pool.submit([&] {
        std::vector<std::future<void>> inner;
        const auto too_many = [&] {
            for (int i = 0; i < 3; ++i)
                inner.push_back(pool.submit([] {}));
        };
        return thrown_code<holdfast::usage_error>(too_many) +
               thrown_code<holdfast::usage_error>([&] { static_cast<void>(pool.drain(1s)); });
    });
    CHECK(codes.get() == "HF305HF305");
}

void cancelled(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 1);
    auto stop = std::make_unique<stopper>(pool);
    const holdfast::cancellation off;
    std::atomic<int> runs{0};
    std::vector<std::future<void>> results;
    for (int i = 0; i < 100; ++i)
        results.push_back(pool.submit(off, [&runs] { ++runs; }));
    auto other = pool.submit([] { return 1; });
    off.request();
    for (auto &result : results)  // at once, although the thread is still busy
        CHECK(thrown_code<holdfast::cancelled_error>([&] { result.get(); }) == "HF302");
    auto later = pool.submit(off, [&runs] { ++runs; });
    CHECK(thrown_code<holdfast::cancelled_error>([&] { later.get(); }) == "HF302");
    stop->let_go();
    CHECK(other.get() == 1);
    CHECK(pool.drain(10s));
    CHECK(runs == 0);

    const holdfast::cancellation while_running;
    event begun;
    auto running = pool.submit(while_running, [&] {
        begun.set();
        while (!while_running.requested())
            std::this_thread::yield();
        return 7;
    });
    begun.wait();
    while_running.request();
    CHECK(running.get() == 7);
}

void closed(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 1);
    stopper stop(pool);
    auto before = pool.submit([] { return 1; });
    pool.close();
    CHECK(thrown_code<holdfast::pool_error>([&] { pool.submit([] {}); }) == "HF301");
    stop.let_go();
    CHECK(before.get() == 1);
}

struct ends_who_moves_it {
    ends_who_moves_it() = default;
    ends_who_moves_it(ends_who_moves_it && /*other*/) { pthread_exit(nullptr); }
    ends_who_moves_it &operator=(ends_who_moves_it &&) = delete;
};

void tasks_that_end_their_threads(const holdfast::interpreter &python) {
    holdfast::executor pool(python, 3);
    std::vector<std::future<void>> last_words;
    for (int i = 0; i < 2; ++i)
        last_words.push_back(pool.submit([] { pthread_exit(nullptr); }));
    for (auto &one : last_words)
        CHECK(thrown_code<holdfast::pool_error>([&] { one.get(); }) == "HF304");
    auto result = pool.submit([] { return ends_who_moves_it(); });  // when it gets into the future
    CHECK(thrown_code<holdfast::pool_error>([&] { (void)result.get(); }) == "HF304");
    CHECK(pool.drain(10s));  // nobody is left who could do anything; so nothing is taken any more
    for (std::string code; code != "HF301";) {
        code = thrown_code<holdfast::pool_error>([&] { pool.submit([] {}).get(); });
        CHECK(code == "HF301" || code == "HF304");
    }
}

void destroyed_by_its_own_task(const holdfast::interpreter &python) {
    auto pool = std::make_shared<holdfast::executor>(python, 2);
    event destroyed;
    std::weak_ptr<holdfast::executor> watched = pool;
    auto &there = *pool;
    static_cast<void>(there.submit([last = std::move(pool), &destroyed]() mutable {
        last.reset();
        destroyed.set();
    }));
    destroyed.wait();
    CHECK(watched.expired());
}

}  // namespace

int main() {
    holdfast::interpreter python;
    full_and_failing(python);
    full_and_dropping(python);
    full_and_blocking(python);
    a_task_that_would_wait_for_its_pool(python);
    cancelled(python);
    closed(python);
    tasks_that_end_their_threads(python);
    destroyed_by_its_own_task(python);
    CHECK(python.finalize(5s));
}
