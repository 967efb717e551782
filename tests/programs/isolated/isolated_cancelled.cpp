// pthread_cancel() of a thread in isolated_executor's submit(), call(), counters() or destructor takes effect afterwards,
// and so does that of one that drops a range.
// deadline: 60
#include <holdfast/isolated.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using holdfast::function;

namespace {

const function<int(int)> absolute{"operator", "abs"};
const function<holdfast::range<long>(long)> numbers{"builtins", "range"};

/// Runs `work` on a thread that is cancelled before.
template <class Work>
void after_cancellation(Work work) {
    on_cancelled_thread([&work] {
        CHECK(pthread_cancel(pthread_self()) == 0);
        work();
    });
}

}  // namespace

int main() {
    const scratch_folder folder;
    std::optional<holdfast::isolated_executor> pool(std::in_place, with_workers(1, folder));
    CHECK(pool->call(absolute, -1) == 1);  // from here on, call() finds an idle worker
    int answer = 0;
    after_cancellation([&] { answer = pool->call(absolute, -2); });
    CHECK(answer == 2);
    std::future<int> later;
    after_cancellation([&] { later = pool->submit(absolute, -3); });
    CHECK(later.wait_for(10s) == std::future_status::ready && later.get() == 3);
    CHECK(pool->drain(10s));
    std::uint64_t tasks = 0;
    after_cancellation([&] { tasks = pool->counters().tasks; });
    CHECK(tasks == 3);
    std::optional<holdfast::range<long>> some(pool->iterate(numbers, 1000000));
    CHECK(some->next() == 0);
    after_cancellation([&] { some.reset(); });
    CHECK(pool->call(absolute, -4) == 4);  // the generator has been told to stop
    after_cancellation([&] { pool.reset(); });
    CHECK(!pool);
}
