// holdfast/pools/pool_config.hpp: the settings of a pool, as plain values.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <cstddef>
#include <string>

namespace holdfast {

/// What submit() does if the queue is full.
enum class when_full : unsigned char {
    block,        ///< wait, detached, until there is room
    fail,         ///< throw pool_error HF300
    drop_oldest,  ///< drop the task that has waited longest; its future gets pool_error HF303
};

/// Every field is optional.
struct executor_config {
    std::size_t threads = 0;      ///< 0: one per core
    std::size_t capacity = 1024;  ///< how many tasks may wait; at least 1
    when_full full = when_full::block;
    std::chrono::microseconds budget{
        1000};                      ///< how long a thread takes task after task during one attach
    std::string name = "holdfast";  ///< threads are called name-0, name-1 ...; at most 15
                                    ///< characters
    bool fresh_context = false;     ///< run each task in its own context: see context_guard
};

}  // namespace holdfast
