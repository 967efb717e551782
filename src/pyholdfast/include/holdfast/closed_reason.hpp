// holdfast/closed_reason.hpp: why an interpreter refuses a thread, without the exception.
//
// Every host that attaches includes this header; error.hpp would add <stdexcept> and <string>.
#pragma once

namespace holdfast {

/// Why an interpreter refuses a thread.
enum class closed_reason : unsigned char {
    none,          ///< the interpreter is open: nothing was refused
    not_started,   ///< Python has not been started in this process
    finalizing,    ///< finalize() has begun; only threads already inside may go on
    finalized,     ///< the interpreter is gone
    stale,         ///< the view belongs to an earlier interpreter of this process
    forked_child,  ///< this process was forked without Python's own fork hooks
    no_memory,     ///< no thread state could be allocated; a later attempt may succeed
    traversing,    ///< the garbage collector called this thread's tp_traverse function
};

}  // namespace holdfast
