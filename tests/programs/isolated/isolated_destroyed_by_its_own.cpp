// isolated_executor: what its own threads call may destroy it; its tasks then still run to their end.
#include <holdfast/holdfast.hpp>

#include <cstdint>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <mutex>

#include "check.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

using action = std::function<void()>;
using pool_pointer = std::shared_ptr<holdfast::isolated_executor>;

const holdfast::function<void(action)> calls{"app", "calls"};
const holdfast::function<std::int64_t(std::int64_t)> same{"app", "same"};
const holdfast::function<void()> prints{"app", "prints"};

/// The last owner is a function that a task has got, and goes with the task.
void by_the_end_of_a_task(const scratch_folder &folder) {
    auto pool = std::make_shared<holdfast::isolated_executor>(with_workers(1, folder));
    holdfast::isolated_executor &there = *pool;
    event destroyed;
    std::shared_ptr<void> last(&there, [pool, &destroyed](void * /*the pool*/) mutable {
        pool.reset();
        destroyed.set();
    });
    pool.reset();
    std::future<void> first = there.submit(calls, [last] {});
    last.reset();
    first.get();
    destroyed.wait();
}

/// A function that a task has got, on the thread that calls such functions, or on that of call().
void by_a_function(const scratch_folder &folder) {
    for (const bool here : {false, true}) {
        auto pool = std::make_unique<holdfast::isolated_executor>(with_workers(1, folder));
        holdfast::isolated_executor &there = *pool;
        std::future<std::int64_t> next;
        bool destroyed = false;
        const auto destroy = [&] {
            next = there.submit(same, 5);
            pool.reset();
            destroyed = true;
        };
        if (here)
            there.call(calls, destroy);
        else
            there.submit(calls, destroy).get();
        CHECK(destroyed);
        CHECK(next.get() == 5);
    }
}

void by_output(const scratch_folder &folder) {
    std::mutex mutex;
    pool_pointer pool;
    event destroyed;
    holdfast::isolated_config config = with_workers(1, folder);
    config.output = [&](const holdfast::output_line &) {
        const std::lock_guard<std::mutex> hold(mutex);
        pool.reset();
        destroyed.set();
    };
    std::future<void> printed;
    {
        const std::lock_guard<std::mutex> hold(mutex);
        pool = std::make_shared<holdfast::isolated_executor>(config);
        printed = pool->submit(prints);
    }
    printed.get();
    destroyed.wait();
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << "def calls(what): what()\n"
                                               "def same(x): return x\n"
                                               "def prints(): print('a line', flush=True)\n";
    by_the_end_of_a_task(folder);
    by_a_function(folder);
    by_output(folder);
}
