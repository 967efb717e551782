// holdfast/pools/task.hpp: a task: the function to call, its arguments and its future.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <holdfast/async/settle_promise.hpp>
#include <holdfast/attach/task_waits.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/objects/unread_failure.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pool_error.hpp>
#include <holdfast/pools/cancellation.hpp>

namespace holdfast::detail {

/// A promise that is settled once, by the first to come: the task, or the thread that cancels it.
///
/// Threads: any. `phase_` decides which thread may touch `promise_`: exactly one thread changes it
///          to `settled`, and that thread sets the promise.
template <class R>
class promised : public cancellable {
public:
    promised() = default;
    /// Without a result, the listener too gets std::future_error: broken_promise.
    ~promised() override {
        if (listener_ == nullptr)
            return;
        if (settle())
            promise_.set_exception(
                std::make_exception_ptr(std::future_error(std::future_errc::broken_promise)));
        report();
    }

    /// Call it once, before any other thread knows about this promise.
    [[nodiscard]] std::future<R> future() {
        std::future<R> result = promise_.get_future();
#if defined(__GLIBCXX__) || defined(_LIBCPP_VERSION)
        shared_state_ = shared_state_of(result);
#endif
        return result;
    }

    /// Whether this is that future's promise, and is not settled yet.
    [[nodiscard]] bool is_due_for(const void *shared_state) const noexcept {
        return shared_state != nullptr && shared_state == shared_state_ &&
               phase_.load(std::memory_order_acquire) != phase::settled;
    }

    /// The task begins: from now on cancel() has no effect. False: it was cancelled.
    [[nodiscard]] bool begin() noexcept {
        phase expected = phase::waiting;
        return phase_.compare_exchange_strong(expected, phase::running, std::memory_order_acq_rel);
    }

    /// Sets the result; does nothing if it is already settled. No argument for void. future() was
    /// called before.
    template <class... Value>
    void set(Value &&...value) {
        if (!settle())
            return;
        try {
            settle_promise(promise_, shared_state_, std::forward<Value>(value)...);
        } catch (...) {  // from copying or moving the value
            const std::exception_ptr problem = std::current_exception();
            promise_.set_exception(
                problem != nullptr ? problem : std::make_exception_ptr(thread_was_ended()));
            report();
            pass_on_forced_unwind();
            return;
        }
        report();
    }

    void fail(std::exception_ptr problem) noexcept {
        if (!settle())
            return;
        promise_.set_exception(std::move(problem));
        report();
    }

    /// The same for a call that was made and failed: if the future is gone, stderr has the
    /// exception. It must not come back later: whoever reads it may then be gone, too.
    void fail_call(const std::exception_ptr &problem, const char *called) noexcept {
        if (!settle())
            return;
        const bool is_unread = has_no_reader(promise_) && !is_cancelled(problem);
        promise_.set_exception(problem);
        if (is_unread)
            say_unread(problem, called);
        report();
    }

    void cancel() noexcept override {
        phase expected = phase::waiting;
        if (!phase_.compare_exchange_strong(expected, phase::settled, std::memory_order_acq_rel))
            return;
        promise_.set_exception(std::make_exception_ptr(cancelled_error()));
        report();
    }

    [[nodiscard]] bool is_settled() const noexcept {
        return phase_.load(std::memory_order_acquire) == phase::settled;
    }

    void report_to(std::shared_ptr<settled_listener> listener) noexcept override {
        listener_ = std::move(listener);
    }

private:
    enum class phase : unsigned char { waiting, running, settled };

    [[nodiscard]] bool settle() noexcept {
        return phase_.exchange(phase::settled, std::memory_order_acq_rel) != phase::settled;
    }

    void report() noexcept {
        if (const std::shared_ptr<settled_listener> told = std::move(listener_))
            told->settled();
    }

    std::atomic<phase> phase_{phase::waiting};
    std::promise<R> promise_;
    std::shared_ptr<settled_listener> listener_;  // null for most tasks
    const void *shared_state_ = nullptr;
};

/// An entry of the queue.
class pool_task : public awaited_task {
public:
    pool_task() = default;
    pool_task(const pool_task &) = delete;
    pool_task &operator=(const pool_task &) = delete;
    virtual ~pool_task() = default;

    bool may_be_cancelled = false;  // set by the submitting thread, before the task is queued

    /// Runs the task, attached, and fills its future. Only a forced unwind (pthread_exit) leaves
    /// it.
    virtual void run() = 0;
    /// Fills its future with the reason why it will not be run.
    virtual void give_up(std::exception_ptr why) noexcept = 0;
};

/// Views whose data a task cannot own.
template <class Given>
inline constexpr bool is_foreign_view = false;
template <class Character, class Traits>
inline constexpr bool is_foreign_view<std::basic_string_view<Character, Traits>> = true;

/// Text that is only a pointer: a literal, an array of characters, or a pointer to characters.
template <class Given>
inline constexpr bool is_text_pointer =
    std::is_pointer_v<std::decay_t<Given>> &&
    std::is_convertible_v<std::decay_t<Given>, std::string_view>;

/// How an argument waits in a queue: always by value. Text that is only a pointer is copied. Other
/// pointers stay pointers, as in std::async(): they tell a task where to work.
template <class Given, class = void>
struct stored {
    static_assert(!is_foreign_view<Given>,
                  "a view would point to what may be gone when the task runs: pass a value "
                  "that owns its data, or share it through std::shared_ptr in a lambda");
    static_assert(!std::is_same_v<Given, PyObject *>,
                  "a borrowed PyObject * may be gone when the task runs: pass a "
                  "holdfast::object, which keeps it");
    using type = Given;
};
template <class Given>
struct stored<Given,
              std::enable_if_t<is_text_pointer<Given> || std::is_same_v<Given, std::string_view>>> {
    using type = std::string;
};
template <>
struct stored<bytes_view> {
    using type = bytes;
};

/// Tasks and their arguments stay in one interpreter: Python objects are stored unchanged.
struct within_interpreter {
    template <class Result>
    static constexpr bool may_return = true;
    static constexpr bool may_call_objects = true;

    template <class Given>
    static auto store(Given &&given) {
        using type = typename stored<std::decay_t<Given>>::type;
        if constexpr (std::is_same_v<std::decay_t<Given>, bytes_view>)
            return bytes{std::string(given.data, given.size)};
        else
            return type(std::forward<Given>(given));
    }
};

/// The value that the task is called with: here the stored value itself; pickled.hpp has others.
template <class Stored>
Stored &&unstore(Stored &stored) noexcept {
    return std::move(stored);
}

/// A holdfast::function that the pool keeps for its tasks: looked up once, not once per task.
template <class Function>
struct remembered {
    const Function *function;
};
template <class Callable>
inline constexpr bool is_remembered = false;
template <class Function>
inline constexpr bool is_remembered<remembered<Function>> = true;

/// A waiting call.
///
/// Owns:    the callable and the arguments, until the call is over or cannot happen any more.
/// Threads: one thread makes it; one other thread runs it or gives it up; any thread may cancel()
///          it.
template <class Result, class Callable, class... Stored>
class call_task final : public promised<Result>, public pool_task {
public:
    explicit call_task(Callable callable, std::tuple<Stored...> arguments)
        : call_(std::in_place, std::move(callable), std::move(arguments)) {}

    void run() override {
        if (!this->begin())
            return call_.reset();
        try {
            run_to_end();
        } catch (...) {
            const std::exception_ptr problem = std::current_exception();
            call_.reset();  // the arguments are gone before the future is ready
            this->fail_call(
                problem != nullptr ? problem : std::make_exception_ptr(thread_was_ended()),
                "a task of a pool");
            pass_on_forced_unwind();
        }
    }

    void give_up(std::exception_ptr why) noexcept override { this->fail(std::move(why)); }

    [[nodiscard]] bool will_settle(const void *shared_state) const noexcept override {
        return this->is_due_for(shared_state);
    }

private:
    struct waiting_call {
        waiting_call(Callable &&its_callable, std::tuple<Stored...> &&its_arguments)
            : callable(std::move(its_callable)), arguments(std::move(its_arguments)) {}
        Callable callable;
        std::tuple<Stored...> arguments;

        Result operator()() {
            return std::apply(
                [&](Stored &...given) -> Result {
                    if constexpr (is_remembered<Callable>)
                        return (*callable.function)(unstore(given)...);
                    else
                        return std::invoke(std::move(callable), unstore(given)...);
                },
                arguments);
        }
    };

    void run_to_end() {
        if constexpr (std::is_void_v<Result>) {
            (*call_)();
            call_.reset();
            this->set();
        } else {
            Result result = (*call_)();
            call_.reset();
            this->set(std::forward<Result>(result));
        }
    }

    std::optional<waiting_call> call_;  // until the call has been made
};

}  // namespace holdfast::detail
