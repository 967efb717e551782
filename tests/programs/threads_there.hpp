// threads_there.hpp: the threads of this process, as the system has them.
#pragma once

#include <cstddef>

#include <dirent.h>

#include "check.hpp"

/// How many threads the system says that there are.
inline std::size_t threads_there() {
    DIR *const tasks = opendir("/proc/self/task");
    CHECK(tasks != nullptr);
    std::size_t count = 0;
    while (const dirent *const entry = readdir(tasks))
        count += entry->d_name[0] != '.' ? 1U : 0U;
    closedir(tasks);
    return count;
}
