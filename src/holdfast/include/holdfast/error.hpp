// holdfast/error.hpp: what can go wrong, as types, codes and sentences.
//
// Layer 01. Knows neither threads nor Python.
#pragma once

#include <stdexcept>
#include <string>

#include "detail/attributes.hpp"

namespace holdfast {

/// The base of every exception that holdfast throws.
///
/// `what()` is two lines: "HFnnn what failed, with the value" and "  do: one remedy".
/// `holdfast explain HFnnn` prints cause, example and remedy at length.
class error : public std::runtime_error {
public:
    error(const char *code, const std::string &problem, const std::string &remedy)
        : std::runtime_error(sentence(code, problem, remedy)), code_(code) {}

    /// "HFnnn", with static lifetime.
    [[nodiscard]] const char *code() const noexcept { return code_; }

private:
    HOLDFAST_DETAIL_COLD static std::string sentence(const char *code, const std::string &problem,
                                                     const std::string &remedy) {
        std::string text = code;
        text.append(1, ' ').append(problem).append("\n  do: ").append(remedy);
        return text;
    }

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
};

/// An attach was refused: the interpreter is not open.
class closed_error : public error {
public:
    HOLDFAST_DETAIL_COLD explicit closed_error(closed_reason reason)
        : error(code_of(reason), problem_of(reason), remedy_of(reason)), reason_(reason) {}

    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }

private:
    static const char *code_of(closed_reason reason) noexcept {
        switch (reason) {
            case closed_reason::finalizing: return "HF202";
            case closed_reason::finalized: return "HF203";
            case closed_reason::stale: return "HF204";
            case closed_reason::forked_child: return "HF205";
            case closed_reason::no_memory: return "HF220";
            case closed_reason::none:
            case closed_reason::not_started: break;
        }
        return "HF201";
    }

    static const char *problem_of(closed_reason reason) noexcept {
        switch (reason) {
            case closed_reason::finalizing:
                return "this thread cannot attach: the interpreter is finalizing";
            case closed_reason::finalized:
                return "this thread cannot attach: the interpreter has been finalized";
            case closed_reason::stale:
                return "this thread cannot attach: the view is of an interpreter that was "
                       "finalized before the present one started";
            case closed_reason::forked_child:
                return "this thread cannot attach: this is a forked child in which Python's fork "
                       "hooks did not run";
            case closed_reason::no_memory:
                return "this thread cannot attach: no memory for a thread state";
            case closed_reason::none:
            case closed_reason::not_started: break;
        }
        return "this thread cannot attach: Python has not been started in this process";
    }

    static const char *remedy_of(closed_reason reason) noexcept {
        switch (reason) {
            case closed_reason::finalizing:
            case closed_reason::finalized:
                return "join the thread before finalize(), or use attach_guard(view, "
                       "std::nothrow) and test it";
            case closed_reason::stale:
                return "take a new view from the interpreter that runs now";
            case closed_reason::forked_child:
                return "fork by os.fork() or PyOS_BeforeFork()/PyOS_AfterFork_Child(), or exec "
                       "in the child";
            case closed_reason::no_memory: return "free memory and attach again";
            case closed_reason::none:
            case closed_reason::not_started: break;
        }
        return "construct a holdfast::interpreter before any thread attaches";
    }

    closed_reason reason_;
};

/// A call that can never be right here: wrong thread, would deadlock, inside Python, out of order.
class usage_error : public error {
public:
    using error::error;
};

/// Python could not be started. Final for the process: CPython cannot be started again after it.
class startup_error : public error {
public:
    using error::error;
};

}  // namespace holdfast
