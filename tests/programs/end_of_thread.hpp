// end_of_thread.hpp: how a thread that may be cancelled has ended.
#pragma once

#include <pthread.h>

#include "check.hpp"

/// A new thread that runs it.
inline pthread_t started_thread(void *(*body)(void *), void *given = nullptr) {
    pthread_t thread{};
    CHECK(pthread_create(&thread, nullptr, body, given) == 0);
    return thread;
}

/// What it returns; PTHREAD_CANCELED: it was cancelled.
inline void *end_of(pthread_t thread) {
    void *result = nullptr;
    CHECK(pthread_join(thread, &result) == 0);
    return result;
}

/// The same of a new thread that runs it.
inline void *end_of_thread(void *(*body)(void *)) { return end_of(started_thread(body)); }

/// Runs `work` on a thread. It must cancel its own thread, which then goes on to its end.
template <class Work>
void on_cancelled_thread(Work work) {
    const auto run = [](void *its_work) -> void * {
        (*static_cast<Work *>(its_work))();
        pthread_testcancel();
        return nullptr;
    };
    CHECK(end_of(started_thread(run, &work)) == PTHREAD_CANCELED);
}
