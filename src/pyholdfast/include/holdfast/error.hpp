// holdfast/error.hpp: the exceptions that holdfast throws, with their codes and messages.
//
// It depends neither on threads nor on Python.
#pragma once

#include <stdexcept>
#include <string>

#include <holdfast/closed_reason.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast {

/// The base of every exception that holdfast throws.
///
/// `what()` has two lines: "HFnnn what failed, with the value" and "  do: one remedy". It is UTF-8;
/// control characters and invalid bytes in the values are escaped: \x1b. `holdfast explain HFnnn`
/// prints the cause, an example and the remedy in full.
///
/// Threads: copy, read and destroy on any thread, attached or not.
class error : public std::runtime_error {
public:
    error(const char *code, const std::string &problem, const std::string &remedy);

    /// "HFnnn", with static lifetime.
    [[nodiscard]] const char *code() const noexcept { return code_; }

private:
    const char *code_;
};

/// An attach, or a call that needs one, was refused because the interpreter is not open.
class closed_error : public error {
public:
    explicit closed_error(closed_reason reason);

    /// For a call other than an attach.
    /// \param what_failed        precedes the reason: "pool 'x' cannot take the task".
    /// \param remedy_at_the_end  the remedy if the interpreter is finalizing or has been finalized.
    closed_error(closed_reason reason, const std::string &what_failed,
                 const std::string &remedy_at_the_end);

    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }

private:
    closed_reason reason_;
};

/// A call that can never be right here: on the wrong thread, out of order, from inside Python, or
/// one that would deadlock.
class usage_error : public error {
public:
    using error::error;
};

/// Python, or something holdfast needs with it, could not be started. After HF230 CPython cannot be
/// started again in this process; after other codes another attempt may succeed.
class startup_error : public error {
public:
    using error::error;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/error.ipp>
#endif
