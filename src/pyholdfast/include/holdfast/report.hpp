// holdfast/report.hpp: what finalize() tells.
//
// Plain values.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: says what is missing

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// One thread that finalization waits for; or something else that it waits for, without an id and a
/// name.
struct attached_thread {
    std::uint64_t native_id = 0;  ///< the system's thread id, as in top and gdb; 0: not known
    std::string name;             ///< the system's, or Python's, name; may be empty
    std::chrono::steady_clock::time_point
        since;                 ///< when it came in (to the kernel's tick, 1 to 10 ms)
    std::string where;         ///< "file:line" of its guard, or what else holds it
    std::string python_stack;  ///< as traceback prints it; or why it could not be had
    bool interrupted =
        false;  ///< holdfast.Interrupted has been raised in it, and it is still there
};

/// The outcome of finalize(): done, or who is in the way.
struct finalize_report {
    bool finalized = false;                     ///< Python, or the sub-interpreter, has ended
    std::vector<attached_thread> still_inside;  ///< empty if finalized
    /// What Python's end has met: thread states that did not come through the gate and were
    /// detached, and may be used by their threads later, which CPython does not survive; and
    /// attach_guards whose threads have ended.
    std::vector<attached_thread> left_behind;
    std::string problem;       ///< HF225 if Python had been finalized by somebody else, else empty
    int status = 0;            ///< what Py_FinalizeEx() returned: -1 if buffered output was lost
    bool interrupted = false;  ///< SIGINT came while it waited; its KeyboardInterrupt was dropped

    explicit operator bool() const noexcept { return finalized; }

    /// One line per thread, stacks indented below it.
    [[nodiscard]] std::string text() const;

private:
    static void add(std::string &lines, const attached_thread &thread);
};

namespace detail {

/// A row for what is in the way now and is not known as a thread.
attached_thread in_the_way(std::string where);

}  // namespace detail

/// What finalize() does about thread states that did not come through the gate, e.g. by
/// PyGILState_Ensure(), and are detached when nobody is inside any more.
enum class detached_states : unsigned char {
    named,       ///< they are named in finalize_report::left_behind
    waited_for,  ///< up to the limit; Python's own daemon threads are only named
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/report.ipp>
#endif
