// holdfast/pool_error.ipp: the bodies of pool_error.hpp.
#pragma once

#include <holdfast/pool_error.hpp>

#include <exception>
#include <string>

namespace holdfast {

HOLDFAST_DETAIL_COLD_BODY cancelled_error::cancelled_error()
    : pool_error("HF302", "the task was cancelled before it began",
                 "expect cancelled_error from the futures of tasks that you cancel") {}

namespace detail {

HOLDFAST_DETAIL_COLD_BODY bool is_cancelled(const std::exception_ptr &problem) noexcept {
    if (!problem)
        return false;
    try {
        std::rethrow_exception(problem);
    } catch (const cancelled_error &) {
        return true;
    } catch (...) {
        return false;
    }
}

HOLDFAST_DETAIL_COLD_BODY pool_error queue_is_full(const std::string &name, std::size_t capacity) {
    return {"HF300",
            "pool '" + name + "' cannot take the task: " + std::to_string(capacity) +
                " are waiting, and its configuration says to fail then",
            "submit later, or let submit() wait: when_full::block"};
}

HOLDFAST_DETAIL_COLD_BODY pool_error pool_is_closed(const std::string &name) {
    return {"HF301", "pool '" + name + "' cannot take the task: close() was called",
            "submit before close(), or make a new pool"};
}

HOLDFAST_DETAIL_COLD_BODY closed_error pool_is_cut_off(const std::string &name,
                                                       closed_reason reason) {
    return {reason, "pool '" + name + "' cannot take the task",
            "submit before finalize(), which waits for submitted tasks; an interpreter that is "
            "started later needs its own pool"};
}

HOLDFAST_DETAIL_COLD_BODY pool_error task_was_dropped(const std::string &name) {
    return {"HF303",
            "the task was dropped by pool '" + name + "' for a newer one: its queue was full",
            "expect this from when_full::drop_oldest, or use when_full::block"};
}

HOLDFAST_DETAIL_COLD_BODY pool_error thread_was_ended() {
    return {"HF304",
            "the task ended its thread (pthread_exit or pthread_cancel) instead of returning",
            "return from the task; the threads belong to the pool"};
}

HOLDFAST_DETAIL_COLD_BODY pool_error has_no_threads(const std::string &name) {
    return {"HF306",
            "pool '" + name + "' has no threads in this process, which was forked from its own",
            "make a pool in the child; the futures of the parent's pool are never ready here"};
}

HOLDFAST_DETAIL_COLD_BODY usage_error waits_for_itself(const std::string &name, const char *what) {
    return {
        "HF305",
        std::string(what) + " was called by a task of pool '" + name + "', which it would wait for",
        "let the thread that submits wait; a task that submits tasks needs when_full::fail, or a "
        "queue with room for them"};
}

HOLDFAST_DETAIL_COLD_BODY usage_error waits_in_a_circle(const char *name, const char *what) {
    return {
        "HF305",
        std::string(what) + " was called by a task of pool '" + name +
            "', and would wait for ever: what it waits for needs a thread that waits for this one",
        "let the thread that submits wait, or give the inner tasks a pool of their own"};
}

}  // namespace detail

}  // namespace holdfast
