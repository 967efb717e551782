// Part of attach_nobody_cancels.cpp: cancels threads.
#include <pthread.h>

extern "C" int cancel_it(pthread_t thread) { return pthread_cancel(thread); }
