// holdfast/lifecycle/told_to_end.hpp: what finalize() has told Python's threads, for reopen().
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::detail {

/// What finalize() has told Python's threads since the gate was last open.
struct told_to_end {
    bool python_threads = false;             // the exit callbacks of threading were called
    std::vector<std::uint64_t> interrupted;  // idents, each perhaps another thread's by now
};

}  // namespace holdfast::detail
