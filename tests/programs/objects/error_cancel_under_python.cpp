// pthread_cancel() of a thread in a callback waits until Python's frames have returned; then the guard unwinds.
#include <holdfast/holdfast.hpp>

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

event inside, cancelled;
std::atomic<bool> returned{false};

void *worker(void *) {
    const holdfast::object callback = holdfast::callable("wait", [] {
        inside.set();
        const holdfast::detach_guard detached;
        cancelled.wait();
        sleep(0);  // where cancellation would strike
        return 7;
    });
    const holdfast::function<int(const holdfast::object &)> call{"__main__", "f"};
    const holdfast::attach_guard attached;
    CHECK(call(callback) == 7);
    returned = true;
    const holdfast::detach_guard detached;
    for (;;)
        pause();  // cancelled here
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec("def f(callback): return callback()\n");
    pthread_t thread{};
    CHECK(pthread_create(&thread, nullptr, &worker, nullptr) == 0);
    inside.wait();
    CHECK(pthread_cancel(thread) == 0);
    cancelled.set();
    void *result = nullptr;
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(returned);
    CHECK(python.finalize(std::chrono::seconds(5)));
}
