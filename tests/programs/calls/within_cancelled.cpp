// pthread_cancel() of a thread whose limit has passed takes effect after within(), and does not end the process.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>

#include <pthread.h>

#include "check.hpp"
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

}  // namespace

int main() {
    holdfast::interpreter python;
    pthread_t thread{};
    CHECK(pthread_create(&thread, nullptr, &exceed_the_limit, nullptr) == 0);
    inside.wait();
    CHECK(pthread_cancel(thread) == 0);
    is_cancelled = true;
    void *result = nullptr;
    CHECK(pthread_join(thread, &result) == 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK(python.finalize(30s));
}
