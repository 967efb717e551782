// interrupt_process.hpp: sends SIGINT to the process, as Ctrl+C does.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <csignal>

#if !defined(_WIN32)
#include <signal.h>
#include <unistd.h>
#endif

#include "check.hpp"

inline void interrupt_process() {
#if defined(_WIN32)
    PyErr_SetInterrupt();  // its C library is another one than this program's
#else
    CHECK(kill(getpid(), SIGINT) == 0);
#endif
}
