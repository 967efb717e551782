// drain() takes every limit: a negative one looks once, and one that fits into no time_point is none.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <fstream>
#include <functional>
#include <future>

#include "check.hpp"
#include "event.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

namespace {

using std::chrono::milliseconds;

const holdfast::function<void(std::function<void()>)> calls{"app", "calls"};

template <class Pool, class Submit>
void drain(Pool &pool, Submit submit) {
    event go_on;
    std::future<void> busy = submit(go_on);
    // In nanoseconds, the second and the third do not fit into 64 bits.
    for (const milliseconds limit : {milliseconds(-1), milliseconds(-9'300'000'000'000),
                                     milliseconds(-13'000'000'000'000), milliseconds::min()})
        CHECK(!pool.drain(limit));
    go_on.set();
    for (const milliseconds limit :
         {milliseconds::max() - milliseconds(1), milliseconds(9'300'000'000'000),
          milliseconds(std::chrono::hours(24 * 365 * 290))})
        CHECK(pool.drain(limit));
    busy.get();
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << "def calls(what): what()\n";
    holdfast::isolated_config config = with_workers(1, folder);
    config.start_limit = milliseconds(9'300'000'000'000);
    holdfast::isolated_executor processes(config);
    drain(processes, [&](event &go_on) { return processes.submit(calls, [&] { go_on.wait(); }); });

    holdfast::interpreter python;
    holdfast::executor_config longest;
    longest.threads = 1;
    longest.budget = std::chrono::microseconds::max();
    holdfast::executor threads(python, longest);
    drain(threads, [&](event &go_on) {
        return threads.submit([&] {
            const holdfast::detach_guard detached;
            go_on.wait();
        });
    });
}
