// pthread_exit and pthread_cancel inside a guard release the thread state, and finalize() can drain.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

holdfast::interpreter_view view;

void *exit_inside(void *) {
    const holdfast::attach_guard attached(view);
    run_python("x = 1");
    const holdfast::attach_guard nested;
    pthread_exit(nullptr);
}

struct waiting {
    event inside;
};

void *be_cancelled(void *argument) {
    const holdfast::attach_guard attached(view);
    run_python("x = 1");
    {
        const holdfast::detach_guard detached;
        static_cast<waiting *>(argument)->inside.set();
        for (;;)
            pause();  // a cancellation point
    }
}

}  // namespace

int main() {
    holdfast::interpreter python;
    view = python;
    for (int i = 0; i < 20; ++i) {
        pthread_t thread{};
        CHECK(pthread_create(&thread, nullptr, &exit_inside, nullptr) == 0);
        CHECK(pthread_join(thread, nullptr) == 0);

        waiting until;
        CHECK(pthread_create(&thread, nullptr, &be_cancelled, &until) == 0);
        until.inside.wait();
        CHECK(pthread_cancel(thread) == 0);
        void *result = nullptr;
        CHECK(pthread_join(thread, &result) == 0);
        CHECK(result == PTHREAD_CANCELED);
    }
    {
        const holdfast::attach_guard attached(view);
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(10)));
}
