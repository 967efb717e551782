// holdfast/pools/remote_executor.hpp: runs calls in other processes, or on other machines.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/calls/run.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/pools/cancellation.hpp>
#include <holdfast/pools/engine_client.hpp>

namespace holdfast {

/// A completed call of as_completed().
template <class Result>
struct completed_call {
    std::size_t index;           ///< the index of its item
    std::future<Result> result;  ///< ready
};

/// The calls of one as_completed(), in the order in which they end; each comes once.
///
/// Threads: one at a time. Each step waits, detached.
template <class Result>
class completed_calls {
public:
    class iterator {
    public:
        explicit iterator(completed_calls *all) : all_(all) { step(); }
        completed_call<Result> &operator*() noexcept { return all_->current_; }
        completed_call<Result> *operator->() noexcept { return &all_->current_; }
        iterator &operator++() {
            step();
            return *this;
        }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept {
            return a.all_ != b.all_;
        }

    private:
        void step() {
            if (all_ != nullptr && !all_->advance())
                all_ = nullptr;
        }
        completed_calls *all_;
    };

    completed_calls(std::vector<std::future<Result>> results,
                    std::shared_ptr<detail::finish_line> line)
        : results_(std::move(results)), line_(std::move(line)) {}

    [[nodiscard]] iterator begin() { return iterator(this); }
    [[nodiscard]] iterator end() { return iterator(nullptr); }

    /// How many calls have come, and how many there are.
    [[nodiscard]] std::size_t done() const noexcept { return done_; }
    [[nodiscard]] std::size_t total() const noexcept { return results_.size(); }

private:
    bool advance() {
        if (done_ == results_.size())
            return false;
        current_.index = line_->next();
        current_.result = std::move(results_[current_.index]);
        ++done_;
        return true;
    }

    std::vector<std::future<Result>> results_;
    std::shared_ptr<detail::finish_line> line_;
    std::size_t done_ = 0;
    completed_call<Result> current_{0, {}};
};

namespace detail {

template <class T>
inline constexpr bool is_several = false;
template <class... T>
inline constexpr bool is_several<std::tuple<T...>> = true;

/// The arguments of a remote call, converted like those of a local one. Attached.
template <class List>
struct packed_arguments;
template <class... Args>
struct packed_arguments<type_list<Args...>> {
    owned positional;
    owned named;

    packed_arguments(const callee &call, parameter_t<Args>... given) : named(demand(PyDict_New())) {
        PyObject *array[sizeof...(Args) + 1];
        held_arguments held(array);
        std::size_t index = 0;
        (add<Args>(call, held, index++, given), ...);
        positional = demand(PyTuple_New(static_cast<Py_ssize_t>(held.count())));
        for (std::size_t i = 0; i < held.count(); ++i) {
            Py_INCREF(array[i]);
            PyTuple_SET_ITEM(positional.get(), static_cast<Py_ssize_t>(i), array[i]);
        }
    }

private:
    template <class Arg, class Given>
    void add(const callee &call, held_arguments &held, std::size_t index, const Given &given) {
        if (!is_given(given))
            return;
        owned value = demand(
            argument_to_python<plain<Arg>>(given, value_path::argument(call, nullptr, index + 1)));
        if (index >= call.first_keyword) {
            if (PyDict_SetItemString(named.get(), call.keywords[index - call.first_keyword],
                                     value.get()) != 0)
                throw_python_error();
        } else if (index != held.count()) {
            refuse_gap(call.text(nullptr), held.count() + 1, index + 1);
        } else {
            held.push(value.release());
        }
    }
};

}  // namespace detail

/// Has a Python engine run calls elsewhere. The engine is any object with the interface of
/// concurrent.futures.Executor, such as a ProcessPoolExecutor, loky, or Dask's
/// Client(...).get_executor().
///
///     holdfast::exec("from concurrent.futures import ProcessPoolExecutor");
///     holdfast::remote_executor cluster(python, "ProcessPoolExecutor(4)");
///     std::future<double> result = cluster.submit(score, "text", 5);   // a holdfast::function
///
/// A function is sent as its module and name, and a worker imports it; arguments and results are
/// converted as for a local call, and pickled once. Workers need the function's module, but not
/// holdfast. An exception of the function becomes a python_error in the future, with the worker's
/// traceback; any other failure becomes a remote_error there.
///
/// The engine decides when a worker is lost. A limit in the configuration holds whatever the engine
/// does.
///
/// finalize() waits, up to its limit, for the submitted calls. The destructor ends an engine that
/// its expression created: an executor with shutdown(), any other object with close(), so a shared
/// cluster keeps running. An engine that existed before belongs to its owner: one that was given as
/// an object, or that the expression only names, such as "pool".
///
/// Owns:    the calls in progress, and one thread that looks after them.
/// Threads: any, attached or not, at the same time; one thread destroys it. While attached, wait
///          for futures with holdfast::get().
class remote_executor {
public:
    /// \throws usage_error  HF326 the object has no submit().
    explicit remote_executor(object engine, remote_config config = {},
                             call_site site = call_site::current());

    /// \param where       the interpreter; a holdfast::interpreter converts to its view.
    /// \param expression  its value is the engine; evaluated in __main__, like eval()'s.
    /// \throws python_error  if the expression raises.
    /// \throws usage_error   HF326 the value has no submit().
    remote_executor(const interpreter_view &where, std::string_view expression,
                    remote_config config = {}, call_site site = call_site::current());

    remote_executor(const remote_executor &) = delete;
    remote_executor &operator=(const remote_executor &) = delete;

    /// Closes, and waits for all calls, each up to its limit; every few seconds it reports on
    /// stderr which calls it waits for (HF311).
    ~remote_executor();

    /// Submits a call. The future receives its result, or the error.
    /// \throws closed_error      the interpreter is closing, or has ended.
    /// \throws pool_error        HF301 closed, HF306 in a forked child.
    /// \throws conversion_error, python_error  an argument cannot be converted, or pickled.
    template <class Result, class... Args, class... Given>
    std::future<Result> submit(const function<Result(Args...)> &f, const Given &...given) {
        return hand_over(nullptr, nullptr, 0, f, given...);
    }

    /// The same, but `off.request()` cancels the call: the future is then ready at once (HF302).
    /// The engine is told; a worker that has begun may continue, and its result is dropped.
    template <class Result, class... Args, class... Given>
    std::future<Result> submit(const cancellation &off, const function<Result(Args...)> &f,
                               const Given &...given) {
        return hand_over(&off, nullptr, 0, f, given...);
    }

    /// Submits a call of a Python callable that is held as an object; the result is an object, too.
    /// The callable is pickled with its arguments, so pickle must support it. A worker calls it
    /// through functools.partial, and errors show that name.
    /// \throws the exceptions of submit() with a function; usage_error  HF408 `f` is an empty
    ///     object.
    template <class... Given>
    std::future<object> submit(const object &f, const Given &...given) {
        return hand_over(nullptr, nullptr, 0, call_of_partial(), partial_of(f, given...));
    }
    template <class... Given>
    std::future<object> submit(const cancellation &off, const object &f, const Given &...given) {
        return hand_over(&off, nullptr, 0, call_of_partial(), partial_of(f, given...));
    }

    /// Submits a call for each item: an argument, or a std::tuple of arguments.
    ///
    ///     for (auto &call : cluster.as_completed(score, texts))
    ///         total += call.result.get();      // as they end; call.index says whose it is
    ///
    /// \throws the exceptions of submit(); the calls submitted before are then cancelled.
    template <class Result, class... Args, class Items>
    completed_calls<Result> as_completed(const function<Result(Args...)> &f, const Items &items,
                                         const cancellation &off = cancellation()) {
        auto line = std::make_shared<detail::finish_line>();
        std::vector<std::future<Result>> results;
        try {
            for (const auto &item : items)
                results.push_back(hand_over_item(off, line, results.size(), f, item));
        } catch (...) {
            off.request();
            detail::rethrow();
        }
        return {std::move(results), std::move(line)};
    }

    /// Waits, detached, until the engine has none of the calls any more. Does not close.
    /// \param limit  the longest wait, by the steady clock; milliseconds::max() for no limit.
    /// \return false if the limit passed first.
    [[nodiscard]] bool drain(std::chrono::milliseconds limit);

    /// Refuses new calls; calls that were submitted continue. Does not wait.
    void close();

    /// The number of calls that the engine has; it does not tell which of them have begun. Only a
    /// hint.
    [[nodiscard]] std::size_t waiting() const;

private:
    /// An importable function that calls an object: operator.call() is newer than 3.10.
    static function<object(object)> call_of_partial() noexcept {
        return {"functools", "partial.__call__"};
    }

    template <class... Given>
    object partial_of(const object &f, const Given &...given) {
        if (!f)
            detail::refuse_empty("submit()");
        link_->demand_open();
        const attach_guard attached(link_->where());
        const object module =
            object::steal(detail::demand(PyImport_ImportModule("functools")).release());
        return module.attr("partial").call(f, given...);
    }

    template <class Make>
    void begin(const Make &make, const std::string *expression, call_site site) {
        link_->start();
        try {
            const attach_guard attached(link_->where(), site);
            object engine = make();
            link_->connect(std::move(engine), expression);
        } catch (...) {
            link_->end();
            detail::rethrow();
        }
    }

    template <class Result, class... Args, class... Given>
    std::future<Result> hand_over(const cancellation *off,
                                  std::shared_ptr<detail::finish_line> line, std::size_t index,
                                  const function<Result(Args...)> &f, const Given &...given) {
        static_assert(
            sizeof...(Given) <= sizeof...(Args) &&
                sizeof...(Given) + detail::count_trailing_defaults<Args...>() >= sizeof...(Args),
            "the function takes another number of arguments");
        static_assert(!detail::is_view<Result>, "a view of the result would outlive it");
        using used = typename detail::first_of<std::index_sequence_for<Given...>, Args...>::type;
        link_->demand_open();
        const attach_guard attached(link_->where());
        const detail::packed_arguments<used> arguments(f.described(), given...);
        auto task = std::make_shared<detail::remote_call<Result>>(link_, f.described(),
                                                                  std::move(line), index);
        const detail::owned call =
            link_->pack(*task, arguments.positional.get(), arguments.named.get());
        std::future<Result> result = task->future();
        if (off != nullptr)
            off->add(task);
        link_->post(task, call.get());
        return result;
    }

    template <class Function, class Item>
    auto hand_over_item(const cancellation &off, const std::shared_ptr<detail::finish_line> &line,
                        std::size_t index, const Function &f, const Item &item) {
        if constexpr (detail::is_several<Item>)
            return std::apply(
                [&](const auto &...given) { return hand_over(&off, line, index, f, given...); },
                item);
        else
            return hand_over(&off, line, index, f, item);
    }

    std::shared_ptr<detail::remote_link> link_;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/pools/remote_executor.ipp>
#endif
