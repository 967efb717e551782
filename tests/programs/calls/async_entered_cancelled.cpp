// pthread_cancel() of a thread that leaves an `async with` block takes effect after __aexit__.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"

namespace {

constexpr const char *managers = R"(
import asyncio
left = 0
class Manager:
    async def __aenter__(self): return 1
    async def __aexit__(self, *rest):
        global left
        await asyncio.sleep(0.01)
        left += 1
)";

const holdfast::function<holdfast::async_context_manager<int>()> manager{"__main__", "Manager"};

/// Attached, it does not attach again, which would be a cancellation point by itself.
void *leave_attached(void *) {
    const holdfast::attach_guard attached;
    {
        const holdfast::async_entered<int> entered = manager().enter_async().get();
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
}

void *leave_detached(void *) {
    {
        const holdfast::async_entered<int> entered = manager().enter_async().get();
        pthread_cancel(pthread_self());
    }
    pthread_testcancel();
    return nullptr;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(managers);
    CHECK(end_of_thread(&leave_attached) == PTHREAD_CANCELED);
    CHECK(end_of_thread(&leave_detached) == PTHREAD_CANCELED);
    CHECK(holdfast::eval<int>("left") == 2);
    CHECK(python.finalize(std::chrono::seconds(30)));
}
