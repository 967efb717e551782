// holdfast/pool_error.hpp: the errors that a pool throws or stores in a future.
#pragma once

#include <cstddef>
#include <exception>
#include <string>

#include <holdfast/error.hpp>

namespace holdfast {

/// A task was not accepted, or accepted but not run: HF300 full, HF301 closed, HF303 dropped, HF304
/// its thread ended, HF306 forked.
class pool_error : public error {
public:
    using error::error;
};

/// Stored in a future: the task was cancelled before it began (HF302).
class cancelled_error : public pool_error {
public:
    cancelled_error();
};

namespace detail {

/// A task that stops because it was asked to has not failed. False for null.
bool is_cancelled(const std::exception_ptr &problem) noexcept;

pool_error queue_is_full(const std::string &name, std::size_t capacity);

pool_error pool_is_closed(const std::string &name);

closed_error pool_is_cut_off(const std::string &name, closed_reason reason);

pool_error task_was_dropped(const std::string &name);

pool_error thread_was_ended();

pool_error has_no_threads(const std::string &name);

usage_error waits_for_itself(const std::string &name, const char *what);

usage_error waits_in_a_circle(const char *name, const char *what);

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pool_error.ipp>
#endif
