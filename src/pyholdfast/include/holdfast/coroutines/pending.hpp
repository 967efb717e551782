// holdfast/coroutines/pending.hpp: a call that has begun, as something that a C++20 coroutine can
// await.
//
//   const auto on_loop = [&loop](auto resume) { asio::post(loop, std::move(resume)); };
//   auto page = holdfast::on(on_loop, client::fetch("/index"));        // a holdfast::task
//   auto value = holdfast::on(on_loop, pool, score, "text", 5);        // a task of any pool
//   use(co_await std::move(page), co_await std::move(value));
//
// Both calls run at the same time. After each co_await, the coroutine continues where the executor
// runs what is posted to it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <concepts>
#include <coroutine>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <holdfast/async/coroutine.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/unread_failure.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/pool_error.hpp>
#include <holdfast/pools/cancellation.hpp>

namespace holdfast {

namespace detail {

/// A suspended coroutine, resumed at most once, and not after it has been destroyed.
///
/// Threads: the executor's; destroying the coroutine must not run at the same time.
class suspended {
public:
    explicit suspended(std::coroutine_handle<> handle) noexcept : address_(handle.address()) {}

    /// False: it was resumed before.
    bool resume() {
        void *const address = address_.exchange(nullptr, std::memory_order_acq_rel);
        if (address != nullptr && address != this)
            std::coroutine_handle<>::from_address(address).resume();
        return address != nullptr;
    }
    /// The calling thread continues it. False: it was resumed before.
    [[nodiscard]] bool take() noexcept {
        return address_.exchange(nullptr, std::memory_order_acq_rel) != nullptr;
    }
    void forget() noexcept {
        void *address = address_.load(std::memory_order_acquire);
        while (address != nullptr &&
               !address_.compare_exchange_weak(address, this, std::memory_order_acq_rel)) {}
    }

private:
    std::atomic<void *> address_;  // null: resumed; this: forgotten
};

}  // namespace detail

/// What an executor has to run: it resumes a coroutine. It can be copied, and it is called once.
///
/// Threads: the executor's.
class resumption {
public:
    explicit resumption(std::shared_ptr<detail::suspended> whom) noexcept
        : whom_(std::move(whom)) {}
    void operator()() const { (void)whom_->resume(); }

private:
    std::shared_ptr<detail::suspended> whom_;
};

/// Anything that can be copied and called with a function to run later, such as a lambda that calls
/// asio::post() or QMetaObject::invokeMethod().
///
/// It is called on any thread, attached or not: often the one that runs asyncio's loop, or a pool's.
/// It must not wait until what it was given has run, because that may need this thread, or the GIL.
/// If it throws, as a pool of holdfast does once finalize() has begun, the coroutine continues at
/// once, on the thread that called it; co_await on(executor) throws its exception. It may have queued
/// the function nevertheless: running that has no effect then. If the function has already run,
/// stderr has the exception (HF312). If it never runs what it was given, the coroutine stays
/// suspended.
template <class Executor>
concept postable = std::copy_constructible<std::decay_t<Executor>> &&
                   std::invocable<std::decay_t<Executor> &, resumption> &&
                   std::invocable<std::decay_t<Executor> &, std::function<void()>>;

namespace detail {

/// An executor threw after it had run, or while it ran, what it was given. The exception can go
/// nowhere: the thread that called the executor has nothing to do with it, and in await_suspend() it
/// would resume a coroutine that already runs elsewhere, or has ended.
inline void say_executor_threw() noexcept {
    say_unread(std::current_exception(), "an executor, which had resumed a coroutine,");
}

/// Runs it on the executor; here if the executor refuses.
/// \param run  returns false if it was run before.
template <class Executor, class Post, class Run>
void post_or_run(Executor &executor, Post &&post, const Run &run) {
    try {
        executor(std::forward<Post>(post));
    } catch (...) {
        pass_on_forced_unwind();
        if (!run())
            say_executor_threw();
    }
}

/// A function that is called once, by whoever comes first.
template <class Callback>
class called_once {
public:
    explicit called_once(Callback callback) : callback_(std::move(callback)) {}

    /// Passes on a future. False: it was called before.
    template <class Future>
    bool operator()(Future &future) {
        if (is_called_.exchange(true, std::memory_order_acq_rel))
            return false;
        callback_(std::move(future));
        return true;
    }

private:
    Callback callback_;
    std::atomic<bool> is_called_{false};
};

/// The result of a call, and who waits for it.
///
/// Threads: any; `mutex_` guards what follows it, and nothing runs under it. `future` is set before
///          another thread reads it, which it does after settled().
template <class T>
class settlement final : public settled_listener {
public:
    std::future<T> future;

    void settled() noexcept override {
        std::function<void()> call;
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            settled_ = true;
            call.swap(waiting_);
        }
        if (call)
            call();
    }

    /// Calls it once the future is ready: now, or on the thread that makes it ready.
    void when_settled(std::function<void()> call) {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            if (!settled_) {
                waiting_ = std::move(call);
                return;
            }
        }
        call();
    }

    [[nodiscard]] bool is_settled() {
        const std::lock_guard<std::mutex> hold(mutex_);
        return settled_;
    }

private:
    std::mutex mutex_;
    bool settled_ = false;
    std::function<void()> waiting_;
};

/// Cancels a Python coroutine: the executor does it, because asking asyncio means to attach.
template <class T, class Executor>
class loop_call final : public cancellable,
                        public std::enable_shared_from_this<loop_call<T, Executor>> {
public:
    loop_call(task<T> running, Executor executor)
        : running_(std::move(running)), executor_(std::move(executor)) {}

    void cancel() noexcept override {
        try {
            executor_(std::function<void()>([self = this->shared_from_this()] {
                try {
                    self->running_.cancel();
                } catch (const closed_error &) {  // Python has ended, and the coroutine with it
                }
            }));
        } catch (...) {  // an executor that takes no more: nothing can be cancelled there
        }
    }

private:
    const task<T> running_;
    Executor executor_;
};

/// A coroutine's promise that can be cancelled, as coroutine<T>'s can.
template <class Promise>
concept has_cancellation = requires(const Promise &promise) {
    {promise.off()}->std::convertible_to<const cancellation &>;
};

/// The cancellation of the coroutine that awaits, if it has one.
class awaiting_cancellation {
public:
    template <class Promise>
    const cancellation *find(std::coroutine_handle<Promise> awaiting) {
        if constexpr (has_cancellation<Promise>)
            off_.emplace(awaiting.promise().off());
        return off_ ? &*off_ : nullptr;
    }
    /// \throws cancelled_error
    void demand_none() const {
        if (off_ && off_->requested())
            throw cancelled_error();
    }

private:
    std::optional<cancellation> off_;
};

}  // namespace detail

/// A pool of holdfast's, or any other object whose submit() takes a cancellation and this call.
template <class Pool, class Function, class... Given>
concept pool_for = requires(Pool & pool, const cancellation &off, Function &&f, Given &&...given) {
    pool.submit(off, std::forward<Function>(f), std::forward<Given>(given)...);
};

/// A call that runs, whether or not a coroutine awaits it. co_await returns its result or throws
/// its error, on the executor: what task::get() or the pool's future would.
///
/// Destroying it neither waits nor cancels. If the coroutine<T> that awaits it is cancelled, so is
/// the call; co_await then throws cancelled_error even if there is a result.
///
/// Threads: one at a time; cancel() from any.
template <class T, class Executor>
class [[nodiscard]] pending {
public:
    pending(std::shared_ptr<detail::settlement<T>> state,
            std::shared_ptr<detail::cancellable> canceller, Executor executor)
        : state_(std::move(state)),
          canceller_(std::move(canceller)),
          executor_(std::move(executor)) {}
    pending(pending &&) noexcept = default;
    pending(const pending &) = delete;
    pending &operator=(const pending &) = delete;
    ~pending() {
        if (whom_ != nullptr)
            whom_->forget();
    }

    /// A task of a pool that has not begun fails with a cancelled_error; in a Python coroutine,
    /// asyncio.CancelledError is raised, by the executor's thread. Does not wait.
    void cancel() const noexcept { canceller_->cancel(); }

    /// off.request() also cancels this call.
    pending &&cancelled_by(const cancellation &off) && {
        off.add(canceller_);
        return std::move(*this);
    }

    /// For coroutines of other libraries: posts `callback`, which gets a ready future, to the
    /// executor.
    template <class Callback>
    void then(Callback callback) && {
        auto shared = std::make_shared<detail::called_once<Callback>>(std::move(callback));
        const auto state = std::move(state_);
        // With `canceller`, because what cancelled_by() says holds until the end.
        state->when_settled([state, shared, executor = std::move(executor_),
                             canceller = std::move(canceller_)]() mutable {
            const auto call = [state, shared] { return (*shared)(state->future); };
            detail::post_or_run(executor, std::function<void()>(call), call);
        });
    }

    /// Never ready: whatever thread awaits it, the coroutine continues on the executor.
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting) {
        if (const cancellation *const off = point_.find(awaiting))
            off->add(canceller_);
        whom_ = std::make_shared<detail::suspended>(awaiting);
        // From the last line on, the coroutine may already run elsewhere, and end there.
        const auto state = state_;
        state->when_settled([executor = executor_, whom = whom_]() mutable {
            detail::post_or_run(executor, resumption(whom), [&whom] { return whom->resume(); });
        });
    }
    T await_resume() {
        if constexpr (std::is_void_v<T>) {
            state_->future.get();
            point_.demand_none();
        } else {
            T result = state_->future.get();
            point_.demand_none();
            return result;
        }
    }

private:
    std::shared_ptr<detail::settlement<T>> state_;
    std::shared_ptr<detail::cancellable> canceller_;
    Executor executor_;
    std::shared_ptr<detail::suspended> whom_;
    detail::awaiting_cancellation point_;
};

/// Awaited, it continues the coroutine on the executor.
///
/// Threads: one at a time.
template <class Executor>
class [[nodiscard]] move_to {
public:
    explicit move_to(Executor executor) : executor_(std::move(executor)) {}
    move_to(move_to &&) noexcept = default;
    move_to(const move_to &) = delete;
    move_to &operator=(const move_to &) = delete;
    ~move_to() {
        if (whom_ != nullptr)
            whom_->forget();
    }

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> awaiting) {
        (void)point_.find(awaiting);
        whom_ = std::make_shared<detail::suspended>(awaiting);
        // The coroutine may end before the executor returns, and this object with it.
        Executor executor = executor_;
        const std::shared_ptr<detail::suspended> whom = whom_;
        try {
            executor(resumption(whom));
        } catch (...) {
            detail::pass_on_forced_unwind();
            if (whom->take())
                detail::rethrow();
            detail::say_executor_threw();
        }
    }
    void await_resume() const { point_.demand_none(); }

private:
    Executor executor_;
    std::shared_ptr<detail::suspended> whom_;
    detail::awaiting_cancellation point_;
};

/// co_await on(executor): the coroutine continues there.
template <postable Executor>
[[nodiscard]] move_to<std::decay_t<Executor>> on(Executor &&executor) {
    return move_to<std::decay_t<Executor>>(std::forward<Executor>(executor));
}

/// co_await on(executor, task): awaits a Python coroutine, and continues there.
template <postable Executor, class T>
[[nodiscard]] pending<T, std::decay_t<Executor>> on(Executor &&executor, task<T> running) {
    using where = std::decay_t<Executor>;
    auto state = std::make_shared<detail::settlement<T>>();
    std::move(running).then([state](std::future<T> ready) {
        state->future = std::move(ready);
        state->settled();
    });
    return {std::move(state),
            std::make_shared<detail::loop_call<T, where>>(std::move(running), executor),
            where(executor)};
}

/// co_await on(executor, pool, function, arguments…): submits the call at once, as pool.submit()
/// does, and throws what that throws.
template <postable Executor, class Function, class... Given, pool_for<Function, Given...> Pool>
[[nodiscard]] auto on(Executor &&executor, Pool &pool, Function &&f, Given &&...given) {
    using future = decltype(pool.submit(std::declval<const cancellation &>(),
                                        std::forward<Function>(f), std::forward<Given>(given)...));
    using result = decltype(std::declval<future &>().get());
    auto state = std::make_shared<detail::settlement<result>>();
    const cancellation off(state);
    state->future = pool.submit(off, std::forward<Function>(f), std::forward<Given>(given)...);
    return pending<result, std::decay_t<Executor>>(
        std::move(state), std::make_shared<detail::linked_cancellation>(off),
        std::decay_t<Executor>(executor));
}

}  // namespace holdfast
