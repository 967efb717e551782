// holdfast/pools/executor.hpp: native threads that run Python tasks in one interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <holdfast/pools/pool.hpp>

namespace holdfast {

namespace detail {

/// The threads of an executor. While there is work, `guard_` holds back the interpreter's end:
/// tasks that were submitted before finalize() are done before Python ends.
class executor_worker_group final : public worker_group {
public:
    executor_worker_group(const interpreter_view &where, executor_config config, call_site site);

protected:
    closed_reason admission() noexcept override;
    bool begin_busy() noexcept override;
    void end_busy() noexcept override;
    void serve(std::size_t index) override;

private:
    const interpreter_view where_;
    const call_site site_;
    std::optional<interpreter_guard> guard_;  // guarded by the queue's mutex; read by workers
};

}  // namespace detail

/// n native threads in one interpreter.
///
///     holdfast::executor pool(python, {8});
///     std::future<double> result = pool.submit(score, "text", 5);   // a holdfast::function, or any callable
///     std::future<holdfast::object> other = pool.submit(made.attr("score"), "text", 5);   // one held as an object
///
/// With a GIL, one thread at a time runs Python; the pool is then useful for tasks that wait (for
/// files, networks, or C++ code under a detach_guard) and keeps the order of tasks. On a
/// free-threaded build it uses all cores.
///
/// A thread takes task after task during one attach, for up to `budget`. Tasks begin in the order
/// of submission.
///
/// finalize() refuses new tasks and waits, up to its limit, for the submitted ones; a running task
/// may still submit. The pool may end before or after the interpreter.
///
/// Owns:    its threads and the waiting tasks.
/// Threads: any, attached or not, at the same time; one thread destroys it. While attached, wait
///          for a task's future only with holdfast::get(), because the task must be able to attach.
class executor : public task_pool<detail::within_interpreter> {
public:
    /// \param where  the interpreter; a holdfast::interpreter converts to its view.
    /// \throws std::system_error  a thread could not be started.
    explicit executor(const interpreter_view &where, executor_config config = {},
                      call_site site = call_site::current());
    /// This many threads; braces around a number are always a configuration.
    template <class Count, std::enable_if_t<std::is_integral_v<Count>, int> = 0>
    executor(const interpreter_view &where, Count threads, call_site site = call_site::current())
        : executor(where, with_threads(static_cast<std::size_t>(threads)), site) {}

private:
    static executor_config with_threads(std::size_t threads) {
        executor_config config;
        config.threads = threads;
        return config;
    }
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/executor.ipp>
#endif
