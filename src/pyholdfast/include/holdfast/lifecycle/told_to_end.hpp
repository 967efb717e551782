// holdfast/lifecycle/told_to_end.hpp: what finalize() has told Python's threads, for reopen().
#pragma once

namespace holdfast::detail {

/// What finalize() has told Python's threads since the gate was last open.
struct told_to_end {
    bool python_threads = false;  // the exit callbacks of threading were called
    bool threads_inside = false;  // in their records in the gate, and some by an exception
};

}  // namespace holdfast::detail
