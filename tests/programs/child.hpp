// child.hpp: how a child process ended.
#pragma once

#include <sys/wait.h>

#include "check.hpp"

/// Waits for a child of this process: its exit status, or minus the signal that ended it.
inline int status_of(pid_t child) {
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
