// holdfast/pools/subinterpreter_pool.hpp: native threads, each with its own sub-interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include <holdfast/calls/pickled.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/pools/pool.hpp>

namespace holdfast {

struct subinterpreter_pool_config : executor_config {
    subinterpreter_config interpreter =
        {};  ///< for each thread's interpreter; imports and startup run once in each
};

namespace detail {

/// An object on its way to another interpreter: pickled here, and unpickled there.
struct travelling_object {
    pickled data;
};
inline object unstore(travelling_object &stored) { return stored.data.load(); }

/// Tasks run in interpreters other than the submitting one: objects are pickled at submission.
struct between_interpreters {
    template <class Result>
    static constexpr bool may_return = !std::is_same_v<std::decay_t<Result>, object> &&
                                       !std::is_same_v<std::decay_t<Result>, PyObject *>;
    static constexpr bool may_call_objects = false;

    template <class Given>
    static auto store(Given &&given) {
        if constexpr (std::is_same_v<std::decay_t<Given>, object>)
            return travelling_object{pickled(given)};
        else
            return within_interpreter::store(std::forward<Given>(given));
    }
};

/// The threads of a subinterpreter_pool.
///
/// Each holds an interpreter_guard of the main interpreter until its own interpreter has ended, so
/// the main one waits for that; `closing` tells them when to end. Then they finish the tasks in the
/// queue, and end.
///
/// Lock order: `ready_mutex_` is a leaf.
class subinterpreter_worker_group final : public worker_group, public child {
public:
    subinterpreter_worker_group(const interpreter_view &main, subinterpreter_pool_config config);

    [[nodiscard]] const interpreter_view &main() const noexcept { return main_; }

    /// Waits, detached, until every thread has its interpreter.
    /// \throws the exception of the first thread that failed.
    void wait_until_ready();

protected:
    closed_reason admission() noexcept override { return main_.reason(); }
    bool begin_busy() noexcept override { return true; }
    void end_busy() noexcept override {}
    void serve(std::size_t index) override;

private:
    struct state_forgotten_before_the_end;

    /// With one GIL for all, one worker on its way at a time is enough: see bounded_queue.
    static std::size_t arrivals_of(const subinterpreter_pool_config &config) noexcept {
        return HOLDFAST_HAS_OWN_GIL != 0 && !config.interpreter.shared_gil ? threads_of(config) : 1;
    }

    void tell_ready(std::exception_ptr trouble) noexcept;

    const interpreter_view main_;
    const subinterpreter_config interpreter_config_;
    std::mutex ready_mutex_;
    std::condition_variable ready_;
    std::size_t ready_count_ = 0;  // guarded by ready_mutex_
    std::exception_ptr trouble_;   // guarded by ready_mutex_
};

}  // namespace detail

/// n native threads, each with a sub-interpreter that has its own GIL (CPython 3.12 and later): the
/// Python code of several tasks runs at the same time on several cores.
///
///     holdfast::subinterpreter_pool_config config;
///     config.threads = 4;
///     config.interpreter.imports = {"scoring"};
///     holdfast::subinterpreter_pool pool(python, config);
///     std::future<double> result = pool.submit(score, "text", 5);
///
/// Each interpreter has its own modules and globals; only arguments and results are passed between
/// them. C++ values are converted; an object is pickled at submission, and a result is returned as
/// a C++ value or as holdfast::pickled. On 3.10 and 3.11, and with `shared_gil`, the interpreters
/// take turns as threads do.
///
/// The main interpreter's finalize() closes the pool for good, and waits for the submitted tasks
/// and for the interpreters to end. The pool may end before or after it.
///
/// Owns:    its threads, their interpreters, and the waiting tasks.
/// Threads: any, attached or not, at the same time; one thread destroys it.
class subinterpreter_pool : public task_pool<detail::between_interpreters> {
public:
    /// Returns once all interpreters exist and have done their imports.
    /// \param main  the main interpreter: a holdfast::interpreter, or main_view().
    /// \throws the exceptions of subinterpreter's constructor; std::system_error  no thread could
    ///     be started.
    explicit subinterpreter_pool(const interpreter_view &main,
                                 subinterpreter_pool_config config = {});
    /// This many threads; braces around a number are always a configuration.
    template <class Count, std::enable_if_t<std::is_integral_v<Count>, int> = 0>
    subinterpreter_pool(const interpreter_view &main, Count threads)
        : subinterpreter_pool(main, with_threads(static_cast<std::size_t>(threads))) {}

    ~subinterpreter_pool();

private:
    static subinterpreter_pool_config with_threads(std::size_t threads) {
        subinterpreter_pool_config config;
        config.threads = threads;
        return config;
    }

    explicit subinterpreter_pool(std::shared_ptr<detail::subinterpreter_worker_group> its);

    std::shared_ptr<detail::subinterpreter_worker_group> its_;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/subinterpreter_pool.ipp>
#endif
