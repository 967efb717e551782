// Destructors of pthread keys may attach, in each of their rounds, and leave no state.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <cstdint>
#include <new>
#include <thread>

#include <pthread.h>

#include "check.hpp"
#include "run_python.hpp"

namespace {

holdfast::interpreter_view view;
std::atomic<int> admitted{0};
pthread_key_t before_ours;
pthread_key_t after_ours;

void attach_in_destructor(void *value) {
    const holdfast::attach_guard attached(view, std::nothrow);
    CHECK(attached);
    run_python("goodbye = 1");
    admitted.fetch_add(1);
    const auto rounds_left = reinterpret_cast<std::intptr_t>(value) - 1;
    if (rounds_left > 0)  // once more, in the next round of destructors
        pthread_setspecific(after_ours, reinterpret_cast<void *>(rounds_left));
}

}  // namespace

int main() {
    CHECK(pthread_key_create(&before_ours, &attach_in_destructor) == 0);
    holdfast::interpreter python;
    view = python;
    CHECK(pthread_key_create(&after_ours, &attach_in_destructor) == 0);
    for (int i = 0; i < 50; ++i)
        std::thread([&] {
            const holdfast::attach_guard attached(view);
            pthread_setspecific(before_ours, reinterpret_cast<void *>(std::intptr_t{1}));
            pthread_setspecific(after_ours, reinterpret_cast<void *>(std::intptr_t{2}));
        }).join();
    CHECK(admitted.load() == 150);
    const holdfast::attach_guard attached(view);
    CHECK(count_thread_states() == 1);
}
