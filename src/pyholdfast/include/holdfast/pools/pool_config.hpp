// holdfast/pools/pool_config.hpp: how a pool is to work.
//
// Plain values.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: says what is missing

#include <chrono>
#include <cstddef>
#include <string>

namespace holdfast {

/// What submit() does where as many tasks wait as may.
enum class when_full : unsigned char {
    block,        ///< wait, detached, until there is room
    fail,         ///< throw pool_error HF300
    drop_oldest,  ///< the task that waits longest goes; its future gets pool_error HF303
};

/// Every field is optional.
struct executor_config {
    std::size_t threads = 0;      ///< 0: one for each core
    std::size_t capacity = 1024;  ///< how many tasks may wait, at least 1
    when_full full = when_full::block;
    std::chrono::microseconds budget{
        1000};                      ///< how long a thread takes task after task within one attach
    std::string name = "holdfast";  ///< threads are called name-0, name-1 ...; 15 characters count
    bool fresh_context = false;     ///< each task in a context of its own: see context_guard
};

}  // namespace holdfast
