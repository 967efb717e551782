// A thread whose stack has a given size.
#pragma once

#include <cstddef>
#include <functional>

#if defined(_WIN32)
#include <thread>
#else
#include <pthread.h>
#endif

#include "check.hpp"

namespace check {

/// Runs `work` on a thread with a stack of so many bytes, and waits for it. On Windows the stack has
/// the size that the program's threads have.
inline void on_stack_of(std::size_t bytes, const std::function<void()> &work) {
#if defined(_WIN32)
    (void)bytes;
    std::thread(work).join();
#else
    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, bytes) == 0);
    pthread_t thread{};
    const auto body = [](void *given) -> void * {
        (*static_cast<const std::function<void()> *>(given))();
        return nullptr;
    };
    CHECK(pthread_create(&thread, &attributes, body,
                         const_cast<void *>(static_cast<const void *>(&work))) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
#endif
}

}  // namespace check
