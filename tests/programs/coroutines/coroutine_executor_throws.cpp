// An executor that throws has run, queued or dropped the coroutine: that is resumed once, and never after its end.
// flags: -std=c++20
// short-run: no
#include <holdfast/coroutines.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#include "said_on_stderr.hpp"

namespace {

using holdfast::coroutine;
using holdfast::on;

/// What was posted, until the program runs it.
class queue {
public:
    void push(std::function<void()> work) {
        const std::lock_guard<std::mutex> hold(mutex_);
        waiting_.push_back(std::move(work));
    }
    std::size_t run() {
        std::vector<std::function<void()>> all;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            all.swap(waiting_);
        }
        for (const std::function<void()> &work : all)
            work();
        return all.size();
    }

private:
    std::mutex mutex_;
    std::vector<std::function<void()>> waiting_;
};

struct queues {
    queue *where;
    void operator()(std::function<void()> work) const { where->push(std::move(work)); }
};
struct queues_and_throws {
    queue *where;
    void operator()(std::function<void()> work) const {
        where->push(std::move(work));
        throw std::runtime_error("could not wake the loop");
    }
};
struct runs_and_throws {
    template <class Function>
    void operator()(const Function &work) const {
        work();
        throw std::runtime_error("too late");
    }
};

const holdfast::function<double(double)> twice{"__main__", "double"};

/// The coroutine goes on when the executor has thrown; what is queued then resumes nothing.
coroutine<std::string> moves(queue &first, queue &second, int &stage) {
    std::string text;
    try {
        co_await on(queues_and_throws{&first});
    } catch (const std::runtime_error &problem) {
        text = problem.what();
    }
    stage = 1;
    co_await on(queues{&second});
    stage = 2;
    co_return text;
}

coroutine<double> awaits(queue &first, queue &second, int &stage, holdfast::executor &pool) {
    const double result = co_await on(queues_and_throws{&first}, pool, twice, 4);
    stage = 1;
    co_await on(queues{&second});
    stage = 2;
    co_return result;
}

template <class Started>
auto result_of(Started started, queue &first, queue &second, const int &stage) {
    CHECK(stage == 1);
    CHECK(first.run() == 1 && stage == 1);
    CHECK(second.run() == 1 && stage == 2);
    return started.get();
}

/// It ends with the executor's exception, while it is still queued.
coroutine<> ends(queue &first) { co_await on(queues_and_throws{&first}); }

/// A coroutine that its owner may destroy while it waits.
struct owned_one {
    struct promise_type {
        owned_one get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
    std::coroutine_handle<promise_type> frame;
};
owned_one waits(queue &where, bool &resumed) {
    co_await on(queues{&where});
    resumed = true;
}

coroutine<int> moves_and_ends() {
    co_await on(runs_and_throws{});
    co_return 5;
}
coroutine<double> awaits_and_ends(holdfast::executor &pool) {
    co_return co_await on(runs_and_throws{}, pool, twice, 2);
}

/// A thread that runs what is posted to it. The poster waits until it has run.
class waiting_loop {
public:
    ~waiting_loop() {
        post(nullptr);
        thread_.join();
    }
    void post(std::function<void()> work) {
        // A result that is there already is posted by whoever awaits it: here, by the thread itself.
        if (std::this_thread::get_id() == thread_.get_id())
            return work();
        const holdfast::detach_guard detached;
        event done;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            posted_.push_back({std::move(work), &done});
        }
        more_.notify_one();
        done.wait();
    }

private:
    struct item {
        std::function<void()> work;
        event *done;
    };
    void run() {
        for (bool goes_on = true; goes_on;) {
            std::unique_lock<std::mutex> hold(mutex_);
            more_.wait(hold, [this] { return !posted_.empty(); });
            const item now = std::move(posted_.front());
            posted_.pop_front();
            hold.unlock();
            goes_on = now.work != nullptr;
            if (goes_on)
                now.work();
            now.done->set();
        }
    }

    std::mutex mutex_;
    std::condition_variable more_;
    std::deque<item> posted_;
    std::thread thread_{[this] { run(); }};
};
struct posts_and_waits {
    waiting_loop *where;
    void operator()(std::function<void()> work) const { where->post(std::move(work)); }
};

const holdfast::function<holdfast::task<double>(double)> twice_later{"__main__", "double_later"};

/// An executor that waits until the coroutine waits again must detach.
coroutine<double> with_a_waiting_executor(waiting_loop &its, holdfast::executor &pool) {
    const double four = co_await on(posts_and_waits{&its}, pool, twice, 2);
    co_return co_await on(posts_and_waits{&its}, twice_later(four)) + twice(1);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "def double(x): return 2 * x\n"
        "async def double_later(x): return 2 * x\n");
    holdfast::executor pool(python, 1);
    queue first;
    queue second;
    {
        int stage = 0;
        std::future<std::string> started = holdfast::start(moves(first, second, stage));
        CHECK(result_of(std::move(started), first, second, stage) == "could not wake the loop");
    }
    {
        int stage = 0;
        std::future<double> started = holdfast::start(awaits(first, second, stage, pool));
        CHECK(pool.drain(std::chrono::seconds(10)));
        CHECK(result_of(std::move(started), first, second, stage) == 8);
    }
    std::future<void> ended = holdfast::start(ends(first));
    CHECK_THROWS(std::runtime_error, ended.get());
    CHECK(first.run() == 1);

    bool resumed = false;
    waits(first, resumed).frame.destroy();
    CHECK(first.run() == 1 && !resumed);

    const std::string said =
        said_on_stderr([] { CHECK(holdfast::start(moves_and_ends()).get() == 5); });
    CHECK(contains(said, "HF312 an executor") && contains(said, "too late"));
    CHECK(holdfast::start(awaits_and_ends(pool)).get() == 4);

    waiting_loop its;
    CHECK(holdfast::start(with_a_waiting_executor(its, pool)).get() == 10);
}
