// holdfast/error.hpp: what can go wrong, as types, codes and sentences.
//
// Knows neither threads nor Python.
#pragma once

#include <stdexcept>
#include <string>

#include <holdfast/platform/attributes.hpp>

namespace holdfast {

/// The base of every exception that holdfast throws.
///
/// `what()` is two lines: "HFnnn what failed, with the value" and "  do: one remedy". It is UTF-8,
/// and what the values hold of control characters or other bytes is made visible: \x1b. `holdfast
/// explain HFnnn` prints cause, example and remedy at length.
class error : public std::runtime_error {
public:
    error(const char *code, const std::string &problem, const std::string &remedy);

    /// "HFnnn", with static lifetime.
    [[nodiscard]] const char *code() const noexcept { return code_; }

private:
    const char *code_;
};

/// Why an interpreter does not admit a thread.
enum class closed_reason : unsigned char {
    none,          ///< it does: nothing was refused
    not_started,   ///< Python has not been started in this process
    finalizing,    ///< finalize() has begun; only those already inside may go on
    finalized,     ///< the interpreter is gone
    stale,         ///< the view is of an earlier interpreter of this process
    forked_child,  ///< this process was forked without Python's own fork hooks
    no_memory,     ///< no thread state could be allocated; a later attempt may succeed
    traversing,    ///< the thread is within a tp_traverse function, called by the garbage collector
};

/// An attach, or what needs one, was refused: the interpreter is not open.
class closed_error : public error {
public:
    explicit closed_error(closed_reason reason);

    /// For another call than an attach.
    /// \param what_failed        comes before the reason: "pool 'x' cannot take the task".
    /// \param remedy_at_the_end  what to do where the interpreter is ending or has ended.
    closed_error(closed_reason reason, const std::string &what_failed,
                 const std::string &remedy_at_the_end);

    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }

private:
    closed_reason reason_;
};

/// A call that can never be right here: wrong thread, would deadlock, inside Python, out of order.
class usage_error : public error {
public:
    using error::error;
};

/// Python, or what holdfast needs beside it, could not be started. After HF230 CPython cannot be
/// started again in this process; after other codes another attempt may succeed.
class startup_error : public error {
public:
    using error::error;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/error.ipp>
#endif
