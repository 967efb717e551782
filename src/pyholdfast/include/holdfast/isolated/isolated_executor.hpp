// holdfast/isolated/isolated_executor.hpp: calls in worker processes, which can be stopped.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <holdfast/attach/guards.hpp>
#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/range.hpp>
#include <holdfast/isolated/isolated_config.hpp>
#include <holdfast/isolated/isolated_counters.hpp>
#include <holdfast/isolated/isolated_stream.hpp>
#include <holdfast/isolated/isolated_task.hpp>
#include <holdfast/isolated/plain_array.hpp>
#include <holdfast/isolated/plain_callback.hpp>
#include <holdfast/isolated/plain_classes.hpp>
#include <holdfast/isolated/plain_containers.hpp>
#include <holdfast/isolated/plain_records.hpp>
#include <holdfast/isolated/worker_error.hpp>
#include <holdfast/pools/cancellation.hpp>

namespace holdfast {

namespace detail {

/// Writes the arguments of a call: a tuple, and a dict of those that are passed by name.
template <class List>
struct written_arguments;
template <class... Args>
struct written_arguments<type_list<Args...>> {
    static void write(pickle_writer &to, const callee &call, parameter_t<Args>... given) {
        std::size_t index = 0;
        std::size_t passed = 0;
        to.mark();
        (write_positional<Args>(to, call, index++, passed, given), ...);
        (void)passed;  // unused for a call without arguments
        to.end_tuple();
        index = 0;
        to.begin_dict();
        (write_named<Args>(to, call, index++, given), ...);
        to.end_dict();
    }

private:
    template <class Arg, class Given>
    static void write_positional(pickle_writer &to, const callee &call, std::size_t index,
                                 std::size_t &passed, const Given &given) {
        if (index >= call.first_keyword || !is_given(given))
            return;
        if (passed++ != index)
            refuse_gap(call.text(nullptr), passed, index + 1);
        write_argument<plain<Arg>>(to, given, value_path::argument(call, nullptr, index + 1));
    }
    template <class Arg, class Given>
    static void write_named(pickle_writer &to, const callee &call, std::size_t index,
                            const Given &given) {
        if (index < call.first_keyword || !is_given(given))
            return;
        to.text(call.keywords[index - call.first_keyword]);
        write_argument<plain<Arg>>(to, given, value_path::argument(call, nullptr, index + 1));
    }
};

/// Begins a request: (module, name, arguments, named arguments).
void begin_request(pickle_writer &to, const callee &call);
/// Ends it; a long pickle goes into shared memory.
void finish_request(pickle_writer &to, segment_store &store, const callee &call,
                    isolated_task &task);

class isolated_group;  // the queue and the workers: hosts need not compile it

}  // namespace detail

/// Worker processes that call Python functions. Limits hold even in C code, and a crash does not
/// affect the host.
///
///     holdfast::isolated_config config;
///     config.limit = 200ms;
///     config.memory = 512 << 20;
///     holdfast::isolated_executor pool(config);
///     std::future<double> result = pool.submit(score, "text", 5);     // a holdfast::function
///     double value = pool.call(score, "text", 5);                     // waits for the result
///
/// The host need not run Python. A function is sent by its module and name; a worker imports it.
/// Workers need no package of ours. Arguments and results are plain values, records, enums, times
/// and arrays, and are converted without CPython. Bytes and arrays of 64 kB or more go through
/// shared memory. Nothing that a worker sends runs code in the host.
///
/// The future gets what the function returns, or
/// - python_error: it raised; exception() is empty, and restore() throws usage_error
/// - deadline_error: it reached `limit`, and its worker was killed or its Python code interrupted
/// - worker_error: its worker ended
/// - cancelled_error, conversion_error
///
/// A task runs at most once. If a worker ends, the task that it was running fails, tasks that it
/// had not begun move to another worker, and a spare process takes its place.
///
/// Workers end with the host, however that ends. After a fork, the pool belongs to the parent.
///
/// Owns:    the worker processes, the waiting tasks, and a thread that watches both.
/// Threads: any, attached or not, at the same time; one thread destroys it. While attached, wait for
///          futures with holdfast::get().
class isolated_executor {
public:
    /// Starts the workers, and does not wait for them. If none starts, tasks fail with HF335.
    /// \throws std::system_error  no thread, or no descriptors.
    /// \throws usage_error  HF336: the system does not have a limit that is set.
    explicit isolated_executor(isolated_config config = {});
    isolated_executor(const isolated_executor &) = delete;
    isolated_executor &operator=(const isolated_executor &) = delete;

    /// Runs all submitted tasks, and then ends the workers. Meanwhile, it reports every few seconds
    /// on stderr which tasks it waits for (HF311). If `output`, or a function that a task has got or
    /// its end, destroys the pool, this does not wait: the tasks run, and another thread ends the
    /// workers.
    ~isolated_executor();

    /// Submits a call. The future receives its result, or the error.
    /// \throws conversion_error  an argument cannot be converted.
    /// \throws pool_error        HF300 full (when_full::fail), HF301 closed, HF306 in a forked child.
    /// \throws std::system_error no shared memory for a large argument.
    template <class Result, class... Args, class... Given>
    std::future<Result> submit(const function<Result(Args...)> &f, Given &&...given) {
        return hand_over(nullptr, make_task(f, given...));
    }

    /// The same, but `off.request()` cancels the task if it has not begun. It then leaves the queue.
    template <class Result, class... Args, class... Given>
    std::future<Result> submit(const cancellation &off, const function<Result(Args...)> &f,
                               Given &&...given) {
        return hand_over(&off, make_task(f, given...));
    }

    /// Submits a call of a function that is named at run time. Arguments are converted by their own
    /// types.
    template <class Result, class... Given>
    std::future<Result> submit_named(std::string module, std::string name, Given &&...given) {
        const detail::callee call{"", module.c_str(), name.c_str(), "()"};
        return hand_over(
            nullptr,
            make_call<Result, detail::type_list<detail::natural_t<std::decay_t<Given>>...>>(
                call, given...));
    }

    /// Makes the call and waits, detached, for its result. It asks an idle worker directly, without
    /// another thread in between. If pthread_cancel() cancels the thread meanwhile, that takes effect
    /// after the call.
    /// \throws what the future of submit() gets, and what submit() throws.
    template <class Result, class... Args, class... Given>
    Result call(const function<Result(Args...)> &f, Given &&...given) {
        auto task = make_task(f, given...);
        std::future<Result> result = task->future();
        const detach_guard detached;
        run(task);
        return result.get();
    }

    /// Submits a call of a function that returns an iterable, such as a generator. Its values arrive
    /// in chunks while it runs: one by one if the reader waits for them, else many at once. The
    /// generator is at most four chunks ahead of the reader.
    ///
    ///     for (double value : pool.iterate(numbers, 10))  // function<range<double>(int)>
    ///
    /// `limit` applies to each chunk, and not while the generator waits for the reader. If all
    /// copies of the range are destroyed, the generator is closed.
    /// \throws what submit() throws; what its future would get is thrown after the last value.
    template <class T, class... Args, class... Given>
    range<T> iterate(const function<range<T>(Args...)> &f, Given &&...given) {
        auto task = std::make_shared<detail::isolated_stream<T>>();
        write<given_of<sizeof...(Given), Args...>>(*task, f.described(), given...);
        queue(task);
        return range<T>(detail::stream_reader<T>(group_, std::move(task)));
    }

    /// Waits, detached, until no task waits or runs. Does not close the pool.
    /// \param limit  the longest wait, by the steady clock; milliseconds::max() for no limit.
    /// \return false if the limit passed first.
    bool drain(std::chrono::milliseconds limit);

    /// Refuses new tasks from now on; submitted tasks still run. Does not wait.
    void close();

    /// The number of queued tasks. Only a hint.
    [[nodiscard]] std::size_t waiting() const;

    /// The number of workers; the spare is not counted.
    [[nodiscard]] std::size_t workers() const;

    /// What the pool and its workers have done, and do now.
    [[nodiscard]] isolated_counters counters() const;

private:
    template <std::size_t Count, class... Args>
    struct parameters {
        static_assert(Count <= sizeof...(Args) &&
                          Count + detail::count_trailing_defaults<Args...>() >= sizeof...(Args),
                      "the function takes another number of arguments");
        using type = typename detail::first_of<std::make_index_sequence<Count>, Args...>::type;
    };
    /// The types of the parameters that a call gives.
    template <std::size_t Count, class... Args>
    using given_of = typename parameters<Count, Args...>::type;

    template <class Result, class... Args, class... Given>
    auto make_task(const function<Result(Args...)> &f, const Given &...given) {
        return make_call<Result, given_of<sizeof...(Given), Args...>>(f.described(), given...);
    }

    template <class Result, class List, class... Given>
    std::shared_ptr<detail::isolated_call<Result>> make_call(const detail::callee &call,
                                                             const Given &...given) {
        static_assert(!detail::is_view<Result>, "a view of the result would outlive it");
        static_assert(!std::is_same_v<Result, object>,
                      "a Python object cannot cross to this process: return plain values");
        auto task = std::make_shared<detail::isolated_call<Result>>();
        task->flags = std::is_void_v<Result> ? 0 : detail::request_wants_result;
        write<List>(*task, call, given...);
        return task;
    }

    template <class List, class... Given>
    void write(detail::isolated_task &task, const detail::callee &call, const Given &...given) {
        detail::pickle_writer to(segments());
        detail::begin_request(to, call);
        detail::written_arguments<List>::write(to, call, given...);
        detail::finish_request(to, segments(), call, task);
    }

    template <class Result>
    std::future<Result> hand_over(const cancellation *off,
                                  std::shared_ptr<detail::isolated_call<Result>> task) {
        std::future<Result> result = task->future();
        if (off != nullptr) {
            task->may_be_cancelled = true;
            task->group = group_;
            off->add(task);
        }
        queue(std::move(task));
        return result;
    }

    detail::segment_store &segments() const;
    void queue(std::shared_ptr<detail::isolated_task> task);
    /// Returns when the task has a result. The thread is detached.
    void run(const std::shared_ptr<detail::isolated_task> &task);

    std::shared_ptr<detail::isolated_group> group_;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/isolated_executor.ipp>
#endif
