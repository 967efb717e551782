// threads_there.hpp: the number of threads of this process, according to the system.
#pragma once

#include <cstddef>

#include <dirent.h>

#include "check.hpp"

/// The number of threads that the system reports.
inline std::size_t threads_there() {
    DIR *const tasks = opendir("/proc/self/task");
    CHECK(tasks != nullptr);
    std::size_t count = 0;
    while (const dirent *const entry = readdir(tasks))
        count += entry->d_name[0] != '.' ? 1U : 0U;
    closedir(tasks);
    return count;
}
