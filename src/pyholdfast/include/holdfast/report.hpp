// holdfast/report.hpp: what finalize() reports, as plain values.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast {

/// A thread that finalization waits for, or another obstacle, which has no id and no name.
struct attached_thread {
    std::uint64_t native_id = 0;  ///< the system's thread id, as in top and gdb; 0: unknown
    std::string name;             ///< the system's name for it, or Python's; may be empty
    std::chrono::steady_clock::time_point
        since;                 ///< when it attached, accurate to a kernel tick (1 to 10 ms)
    std::string where;         ///< "file:line" of its guard, or what else keeps it inside
    std::string python_stack;  ///< as traceback prints it, or why it is unavailable
    bool interrupted = false;  ///< holdfast.Interrupted was raised in it, and it is still inside
    /// How long it had been inside when the report was made, as accurate as `since`. Empty: holdfast
    /// did not see it attach, and `since` is when the report was made.
    std::optional<std::chrono::milliseconds> inside_for = std::nullopt;
};

/// The outcome of finalize(): either it is done, or this names what prevents it.
struct finalize_report {
    bool finalized = false;                     ///< Python, or the sub-interpreter, has ended
    std::vector<attached_thread> still_inside;  ///< empty if finalized
    /// What was left when Python ended: attach_guards whose threads have ended, detached thread states
    /// that did not come through the gate, and Python's daemon threads. CPython crashes if a native
    /// thread uses such a state later.
    std::vector<attached_thread> left_behind;
    std::string problem;       ///< HF225 if other code had already finalized Python, else empty
    int status = 0;            ///< the result of Py_FinalizeEx(): -1 if buffered output was lost
    bool interrupted = false;  ///< a signal's handler raised during the wait, e.g.
                               ///< KeyboardInterrupt; the exception was dropped

    explicit operator bool() const noexcept { return finalized; }

    /// One line per thread, stacks indented below it.
    [[nodiscard]] std::string text() const;

private:
    static void add(std::string &lines, const attached_thread &thread);
};

namespace detail {

/// A row for an obstacle that is not a known thread.
attached_thread in_the_way(std::string where);

/// Notes that it has been inside since then.
void set_inside_since(attached_thread &row, std::chrono::steady_clock::time_point since);

}  // namespace detail

/// What finalize() does about thread states that did not come through the gate (from
/// PyGILState_Ensure(), for example) and are detached once no thread is inside.
enum class detached_states : unsigned char {
    named,       ///< finalize_report::left_behind names them
    waited_for,  ///< finalize() waits up to its limit; it only names Python's own daemon threads
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/report.ipp>
#endif
