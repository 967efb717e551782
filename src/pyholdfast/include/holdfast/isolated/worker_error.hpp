// holdfast/isolated/worker_error.hpp: a worker process ended while it ran a task.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <exception>
#include <memory>
#include <string>

#include <holdfast/isolated/isolated_config.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/pool_error.hpp>

namespace holdfast {

/// Stored in a future: the worker process that ran the task ended, or none could be started (HF330
/// to HF335, one for each worker_end).
///
/// Threads: copy, read and destroy on any thread.
class worker_error : public pool_error {
public:
    worker_error(worker_end how, const std::string &problem, int signal, int exit_status,
                 std::string python_stack);

    [[nodiscard]] worker_end how() const noexcept { return how_; }
    /// The signal that ended the process, or 0; always 0 on Windows.
    [[nodiscard]] int signal() const noexcept { return signal_; }
    /// The status that the process exited with, or -1. On Windows, a crash has that of the exception,
    /// such as 0xC0000005, as a negative number.
    [[nodiscard]] int exit_status() const noexcept { return exit_status_; }
    /// The Python stack at the end, as faulthandler or a traceback prints it; empty if there is
    /// none.
    [[nodiscard]] const std::string &python_stack() const noexcept { return *python_stack_; }

private:
    worker_end how_;
    int signal_;
    int exit_status_;
    std::shared_ptr<const std::string> python_stack_;
};

namespace detail {

/// A python_error made from the texts that a worker sent.
class worker_python_error : public python_error {
public:
    explicit worker_python_error(raised texts);
};

const char *code_of(worker_end how) noexcept;

std::exception_ptr limit_passed(std::chrono::milliseconds limit, bool killed, std::string stack);

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/worker_error.ipp>
#endif
