// end_of_thread.hpp: how a thread that may be cancelled has ended.
#pragma once

#include <pthread.h>

#include "check.hpp"

/// What a new thread that runs it returns; PTHREAD_CANCELED: it was cancelled.
inline void *end_of_thread(void *(*body)(void *)) {
    pthread_t thread{};
    CHECK(pthread_create(&thread, nullptr, body, nullptr) == 0);
    void *result = nullptr;
    CHECK(pthread_join(thread, &result) == 0);
    return result;
}
