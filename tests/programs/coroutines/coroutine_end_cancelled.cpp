// pthread_cancel() of a thread on which a coroutine ends that Python awaits takes effect after Python knows the result.
// flags: -std=c++20
// short-run: no
#include <holdfast/async.hpp>
#include <holdfast/coroutines.hpp>
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <coroutine>

#include <pthread.h>

#include "check.hpp"
#include "end_of_thread.hpp"
#include "event.hpp"

namespace {

std::coroutine_handle<> handed_over;
event *is_handed_over = nullptr;

/// Whatever awaits it goes on when the thread below resumes it.
struct hand_over {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) const {
        handed_over = awaiting;
        is_handed_over->set();
    }
    void await_resume() const noexcept {}
};

holdfast::coroutine<int> seven() {
    co_await hand_over{};
    co_return 7;
}

void *resume_detached(void *) {
    is_handed_over->wait();
    pthread_cancel(pthread_self());
    handed_over.resume();
    pthread_testcancel();
    return nullptr;
}

/// Attached, it does not attach again, which would be a cancellation point by itself.
void *resume_attached(void *) {
    is_handed_over->wait();
    const holdfast::attach_guard attached;
    pthread_cancel(pthread_self());
    handed_over.resume();
    pthread_testcancel();
    return nullptr;
}

const holdfast::function<holdfast::task<int>(holdfast::object)> await_one{"__main__", "await_one"};

void check_end(void *(*body)(void *)) {
    event now;
    is_handed_over = &now;
    const pthread_t thread = started_thread(body);
    CHECK(await_one(holdfast::callable("make", &seven)).get() == 7);
    CHECK(end_of(thread) == PTHREAD_CANCELED);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import asyncio\n"
        "async def await_one(make): return await asyncio.wait_for(make(), 60)\n");
    check_end(&resume_detached);
    check_end(&resume_attached);
    CHECK(python.finalize(std::chrono::seconds(30)));
}
