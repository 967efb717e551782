// with_workers.hpp: the settings of an isolated_executor whose workers import modules of a folder.
#pragma once

#include <holdfast/isolated/isolated_config.hpp>

#include <cstddef>

#include "scratch_folder.hpp"

inline holdfast::isolated_config with_workers(std::size_t count, const scratch_folder &folder) {
    holdfast::isolated_config config;
    config.workers = count;
    config.module_search_paths = {folder.path()};
    return config;
}
