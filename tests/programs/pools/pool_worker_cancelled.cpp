// A worker that is cancelled before it attaches leaves its work to the others.
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/executor.hpp>

#include <chrono>
#include <future>
#include <vector>

#include <pthread.h>

#include "check.hpp"
#include "event.hpp"

int main() {
    using namespace std::chrono_literals;
    const holdfast::interpreter python;
    holdfast::executor_config config;
    config.threads = 2;
    config.budget = 0us;  // a worker attaches again for each task
    holdfast::executor pool(python, config);
    event all_submitted;
    std::vector<std::future<void>> done;
    done.push_back(pool.submit([&] {
        const holdfast::detach_guard detached;
        all_submitted.wait();
    }));
    done.push_back(pool.submit([] { pthread_cancel(pthread_self()); }));
    for (int i = 0; i < 10; ++i)
        done.push_back(pool.submit([] {}));
    all_submitted.set();
    for (std::future<void> &one : done)
        CHECK(one.wait_for(10s) == std::future_status::ready);
    CHECK(pool.drain(10s));
}
