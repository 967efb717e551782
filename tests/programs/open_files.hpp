// open_files.hpp: how many descriptors this process has open. Linux.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

/// One of them is the folder's, while it is read.
inline std::size_t open_files() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}
