// holdfast/objects/python_error.hpp: a Python exception as a C++ one, readable on any thread.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <memory>
#include <optional>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/exception_text.hpp>

namespace holdfast {

/// A Python exception: HF400, or HF307 if an extension module refuses a sub-interpreter; a
/// lookup_error has its own codes. SystemExit is reported as one, too: no Python exception ends the
/// process.
///
/// Its text is taken at once, while the thread is attached. what() is "HF400 type: message" and a
/// remedy.
///
/// Owns:    shared between copies, the text and a reference to the exception, which keeps the
///          frames of its traceback, and their local variables, alive.
/// Threads: copy, read and destroy on any thread, attached or not, also after Python has ended.
class python_error : public error {
public:
    /// Takes the calling thread's current exception, which is then no longer set.
    /// \throws usage_error  HF216 if the thread is not attached.
    python_error();

    /// The exception's type as Python code would write it: "ValueError",
    /// "json.decoder.JSONDecodeError".
    [[nodiscard]] const std::string &type() const noexcept { return raised_->type; }

    /// The exception's full str().
    [[nodiscard]] const std::string &message() const noexcept { return raised_->message; }

    /// What Python would print: the traceback, with the exceptions that led to this one.
    [[nodiscard]] const std::string &traceback() const noexcept { return raised_->traceback; }

    /// For SystemExit, the requested exit status; nullopt for all others.
    [[nodiscard]] std::optional<int> exit_code() const noexcept { return raised_->exit_code; }

    /// The exception itself; empty if it was raised in another process.
    [[nodiscard]] const object &exception() const noexcept { return raised_->exception; }

    /// Sets it as the calling thread's current Python exception again, to return it to Python.
    /// \throws usage_error   HF216 if the thread is not attached to the exception's interpreter, or
    ///                       the exception was raised in another process.
    /// \throws closed_error  that interpreter has ended.
    HOLDFAST_REQUIRES_ATTACHED void restore() const;

protected:
    /// The same, for an error that has its own code and remedy.
    python_error(const char *code, const std::string &problem, const std::string &remedy);

    explicit python_error(std::shared_ptr<const detail::raised> taken);

private:
    std::shared_ptr<const detail::raised> raised_;
};

namespace detail {

[[noreturn]] void throw_python_error();

/// Takes the new reference that a call into Python returned, or throws its exception.
HOLDFAST_REQUIRES_ATTACHED inline owned demand(PyObject *result) {
    if (result == nullptr)
        throw_python_error();
    return owned(result);
}

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/objects/python_error.ipp>
#endif
