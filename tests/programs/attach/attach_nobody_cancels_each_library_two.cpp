// Part of attach_nobody_cancels_each_library.cpp: the same, and cancels threads.
#include <pthread.h>

#include "attach_nobody_cancels_each_library_one.cpp"

extern "C" __attribute__((visibility("default"))) int cancel_it(pthread_t thread) {
    return pthread_cancel(thread);
}
