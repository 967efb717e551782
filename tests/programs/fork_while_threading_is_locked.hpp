// fork_while_threading_is_locked.hpp: a fork at a moment when another thread is within `threading`.
//
// Plain C API on purpose: the outcome depends on whether holdfast is in the process.
#pragma once

#include "child.hpp"
#include "run_python.hpp"

#include <unistd.h>

/// The code of a Python thread that holds the locks of `threading` while others fork.
inline constexpr const char *hold_the_locks = R"(
import os, threading, warnings
warnings.simplefilter("ignore")
holds, forked = threading.Event(), threading.Event()
def hold():
    with getattr(threading, "_shutdown_locks_lock", threading.Lock()), threading._active_limbo_lock:
        holds.set()
        forked.wait()
holder = threading.Thread(target=hold)
holder.start()
holds.wait()
)";

inline constexpr const char *let_go_of_the_locks = "forked.set()\nholder.join()";

/// The child's work; fails the program if `threading` is not usable there.
inline constexpr const char *use_threading = R"(
begun = threading.Thread(target=int)
begun.start()
begun.join()
assert threading.current_thread() is threading.main_thread()
)";

/// A fork by a thread that has such a lock itself, and releases it in the child as well.
inline constexpr const char *define_fork_within = R"(
def fork_within():
    with threading._active_limbo_lock:
        return os.fork()
)";

/// Forks by Python, attached; true if the child returns and can use Python and `threading`.
inline bool child_is_well(const char *fork = "os.fork()") {
    const pid_t child = static_cast<pid_t>(number_of_python(fork));
    if (child == 0) {
        run_python(use_threading);
        _exit(9);
    }
    int status = 0;
    Py_BEGIN_ALLOW_THREADS status = status_of(child);
    Py_END_ALLOW_THREADS return status == 9;
}
