// holdfast/pools/pool.hpp: the common part of this process's pools: submit(), drain(), close().
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include <holdfast/objects/object.hpp>
#include <holdfast/pools/cancellation.hpp>
#include <holdfast/pools/task.hpp>
#include <holdfast/pools/worker_group.hpp>

namespace holdfast {

namespace detail {

/// A holdfast::function, or another type that can compare whether two values call the same
/// function.
template <class F, class = void>
inline constexpr bool is_python_function = false;
template <class F>
inline constexpr bool is_python_function<
    F, std::void_t<decltype(std::declval<const F &>().is_same(std::declval<const F &>()))>> = true;

/// A Python callable that is held as an object, called like object::call().
struct called_object {
    object callee;

    template <class... Given>
    object operator()(const Given &...arguments) const {
        return callee.call(arguments...);
    }
};

/// How an argument is stored: as the pool stores it, or as a pointer to characters.
template <class Store, bool AsPointer, class Given>
auto keep(Given &&given) {
    if constexpr (AsPointer)
        return std::decay_t<Given>(given);
    else
        return Store::store(std::forward<Given>(given));
}
template <class Store, bool AsPointer, class Given>
using kept = decltype(keep<Store, AsPointer>(std::declval<Given>()));
template <class Store, bool AsPointer, class Given>
using passed = decltype(unstore(std::declval<kept<Store, AsPointer, Given> &>()));

/// The arguments that a C++ callable takes as pointers to characters, because it does not accept
/// them as text. If there are several, each is tested on its own; a callable that accepts text also
/// accepts a pointer.
template <class Store, class Callable, class... Args>
class pointers_wanted {
    static constexpr bool takes_text = !(is_text_pointer<Args> || ...) ||
                                       std::is_invocable_v<Callable, passed<Store, false, Args>...>;

    template <std::size_t Which, std::size_t... I>
    static constexpr bool takes_text_at(std::index_sequence<I...>) {
        return std::is_invocable_v<Callable,
                                   passed<Store, is_text_pointer<Args> && I != Which, Args>...>;
    }

public:
    template <std::size_t I, class Given>
    static constexpr bool at() {
        if constexpr (takes_text || !is_text_pointer<Given>)
            return false;
        else
            return !takes_text_at<I>(std::index_sequence_for<Args...>());
    }
};

/// The type of task for these types, in one kind of pool.
template <class Store, class F, class... Args>
struct task_for {
    using callable = std::decay_t<F>;

    static auto make(worker_group &owner, F &&f, Args &&...arguments) {
        if constexpr (is_python_function<callable>)
            return make_task<std::invoke_result_t<const callable &, passed<Store, false, Args>...>>(
                remembered<callable>{owner.remember<callable>(f)},
                keep<Store, false>(std::forward<Args>(arguments))...);
        else if constexpr (std::is_same_v<callable, object>)
            return make_object_call(std::forward<F>(f), std::forward<Args>(arguments)...);
        else
            return make_call(std::index_sequence_for<Args...>(), std::forward<F>(f),
                             std::forward<Args>(arguments)...);
    }

private:
    static auto make_object_call(F &&f, Args &&...arguments) {
        static_assert(Store::may_call_objects,
                      "an object belongs to one interpreter, and the tasks of this pool run in "
                      "others: submit a "
                      "holdfast::function, which is looked up in each");
        if (!f)
            refuse_empty("submit()");
        return make_task<object>(called_object{std::forward<F>(f)},
                                 keep<Store, false>(std::forward<Args>(arguments))...);
    }

    template <std::size_t... I>
    static auto make_call(std::index_sequence<I...>, F &&f, Args &&...arguments) {
        using wanted = pointers_wanted<Store, callable, Args...>;
        return make_task<
            std::invoke_result_t<callable, passed<Store, wanted::template at<I, Args>(), Args>...>>(
            callable(std::forward<F>(f)),
            keep<Store, wanted::template at<I, Args>()>(std::forward<Args>(arguments))...);
    }

    template <class Result, class Callable, class... Kept>
    static auto make_task(Callable what, Kept... arguments) {
        static_assert(Store::template may_return<Result>,
                      "the object would belong to the interpreter of the thread that ran the task: "
                      "let the task "
                      "return a C++ value, or holdfast::pickled");
        return std::make_shared<call_task<Result, Callable, Kept...>>(
            std::move(what), std::tuple<Kept...>(std::move(arguments)...));
    }
};

}  // namespace detail

/// The public part of a pool.
///
/// Threads: any, attached or not, at the same time; one thread destroys it.
template <class Store>
class task_pool {
public:
    task_pool(const task_pool &) = delete;
    task_pool &operator=(const task_pool &) = delete;

    /// Submits a call. The future receives its result, or the exception that it throws.
    ///
    /// `f` is a holdfast::function or any C++ callable, including a pointer to member; it is called
    /// attached. Arguments are stored by value: text and bytes are copied, objects of the C++
    /// library are moved or copied. They are destroyed before the future is ready. As in
    /// std::async(), a pointer stays a pointer, also one to characters if `f` accepts nothing else;
    /// the caller must keep what it points to. An executor also accepts a Python callable that is
    /// held as an object: its arguments are converted as for object::call(), and its result is an
    /// object.
    /// \return std::future of the result of `f`.
    /// \throws closed_error  the interpreter is closing, or has ended.
    /// \throws pool_error    HF300 full (when_full::fail), HF301 closed, HF306 in a forked child.
    /// \throws usage_error   HF305 a task of this pool, or one that all its threads wait for, would
    ///                       wait for room in it; HF408 `f` is an empty object.
    template <class F, class... Args,
              std::enable_if_t<!std::is_same_v<std::decay_t<F>, cancellation>, int> = 0>
    auto submit(F &&f, Args &&...arguments) {
        return hand_over(nullptr, std::forward<F>(f), std::forward<Args>(arguments)...);
    }

    /// The same, but `off.request()` cancels the task if it has not begun.
    template <class F, class... Args>
    auto submit(const cancellation &off, F &&f, Args &&...arguments) {
        return hand_over(&off, std::forward<F>(f), std::forward<Args>(arguments)...);
    }

    /// Waits, detached, until no task waits or runs. Does not close.
    /// \param limit  the longest wait, by the steady clock; milliseconds::max() for no limit.
    /// \return false if the limit passed first.
    /// \throws usage_error  HF305 called without a limit by a task of this pool, or by one that it
    ///                      waits for.
    [[nodiscard]] bool drain(std::chrono::milliseconds limit) { return group_->wait_idle(limit); }

    /// Refuses new tasks; tasks that were submitted still run. Does not wait.
    void close() { group_->close(); }

    /// The number of tasks that wait to begin. Only a hint: it may be outdated when you get it.
    [[nodiscard]] std::size_t waiting() const { return group_->waiting(); }

    /// The number of threads.
    [[nodiscard]] std::size_t threads() const noexcept { return group_->config().threads; }

protected:
    explicit task_pool(std::shared_ptr<detail::worker_group> its) : group_(std::move(its)) {}

    /// Closes, and waits without a limit for all tasks; every few seconds it reports on stderr
    /// which threads it waits for (HF311). If one of its own tasks destroys the pool, this does not
    /// wait: the threads end by themselves.
    ~task_pool() { group_->end(); }

    void start() { group_->start(group_); }

    template <class F, class... Args>
    auto hand_over(const cancellation *off, F &&f, Args &&...arguments) {
        auto task = detail::task_for<Store, F, Args...>::make(*group_, std::forward<F>(f),
                                                              std::forward<Args>(arguments)...);
        auto result = task->future();
        if (off != nullptr) {
            task->may_be_cancelled = true;
            off->add(task);
        }
        // The task outlives `result`: a promise that dies before its future allocates memory
        group_->enqueue(task);
        return result;
    }

    std::shared_ptr<detail::worker_group> group_;
};

}  // namespace holdfast
