// pthread_cancel() of a thread whose limit has passed takes effect after within(), and does not end the process.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>

#include <pthread.h>
#include <sched.h>

#include "check.hpp"
#include "end_of_thread.hpp"
#include "event.hpp"

namespace {

using namespace std::chrono_literals;

event inside;
std::atomic<bool> is_cancelled{false};

void *exceed_the_limit(void *) {
    const holdfast::attach_guard attached;
    holdfast::within(1ms, [] {
        inside.set();
        while (!is_cancelled) {}
        // The watching thread waits for the GIL now, and the end of within() waits for that thread
        const auto end = std::chrono::steady_clock::now() + 100ms;
        while (std::chrono::steady_clock::now() < end) {}
    });
    pthread_testcancel();
    return nullptr;
}

event exceeded;
std::atomic<bool> is_cancelled_there{false};

/// The exception of the inner limit comes too late, and was meant for the outer call, too.
void *exceed_two_limits(void *) {
    const holdfast::attach_guard attached;
    PyThreadState *const state = PyThreadState_Get();
    holdfast::within(200ms, [state] {
        holdfast::within(1ms, [state] {
            {
                const holdfast::detach_guard detached;
                while (!holdfast::detail::has_async_exception(state))
                    sched_yield();
            }
            exceeded.set();
            while (!is_cancelled_there) {}
            // The watching thread waits for the GIL now, for the outer call, and the end of the inner
            // one waits for that thread
            const auto end = std::chrono::steady_clock::now() + 300ms;
            while (std::chrono::steady_clock::now() < end) {}
        });
    });
    pthread_testcancel();
    return nullptr;
}

void cancel(void *(*body)(void *), event &begun, std::atomic<bool> &done) {
    const pthread_t thread = started_thread(body);
    begun.wait();
    CHECK(pthread_cancel(thread) == 0);
    done = true;
    CHECK(end_of(thread) == PTHREAD_CANCELED);
}

}  // namespace

int main() {
    holdfast::interpreter python;
    cancel(&exceed_the_limit, inside, is_cancelled);
    cancel(&exceed_two_limits, exceeded, is_cancelled_there);
    CHECK(python.finalize(30s));
}
