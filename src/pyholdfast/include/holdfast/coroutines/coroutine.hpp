// holdfast/coroutines/coroutine.hpp: a coroutine type for hosts that have none.
//
//   holdfast::coroutine<double> worth(std::string path) {
//       const std::string page = co_await holdfast::on(loop, client::fetch(path));
//       co_return co_await holdfast::on(loop, pool, score, page, 5);
//   }
//   std::future<double> result = holdfast::start(worth("/index"));
//
// It takes its parameters by value: after the first co_await, what they referred to may be gone,
// and so may a lambda's captures.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <concepts>
#include <coroutine>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/async/settle_promise.hpp>
#include <holdfast/attach/task_waits.hpp>
#include <holdfast/objects/unread_failure.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pools/cancellation.hpp>

namespace holdfast {

template <class T>
class coroutine;

namespace detail {

struct cancellation_of_coroutine;

/// What every coroutine's promise has: who continues at its end, and its cancellation.
class coroutine_end {
public:
    struct final_awaiter {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            return ended.promise().continuation;
        }
        void await_resume() const noexcept {}
    };

    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() {
        pass_on_forced_unwind();
        problem = std::current_exception();
    }

    /// Made when it is first asked for, which most coroutines never are.
    [[nodiscard]] const cancellation &off() const {
        if (!off_)
            off_.emplace();
        return *off_;
    }
    /// Before it begins. A second one requests the first, so each of them cancels it.
    void cancelled_by(const cancellation &off) {
        if (!off_) {
            off_.emplace(off);
            return;
        }
        links_.push_back(std::make_shared<linked_cancellation>(*off_));
        off.add(links_.back());
    }

    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::exception_ptr problem;

private:
    mutable std::optional<cancellation> off_;
    std::vector<std::shared_ptr<cancellable>> links_;  // kept, because a cancellation does not
};

template <class T>
class coroutine_promise final : public coroutine_end {
public:
    coroutine<T> get_return_object() noexcept;
    template <class Value>
    void return_value(Value &&value) {
        value_.emplace(std::forward<Value>(value));
    }
    T take() {
        if (problem)
            std::rethrow_exception(std::move(problem));
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class coroutine_promise<void> final : public coroutine_end {
public:
    coroutine<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() {
        if (problem)
            std::rethrow_exception(std::move(problem));
    }
};

/// Begins a coroutine that another one awaits, with its cancellation.
template <class T>
struct coroutine_awaiter {
    std::coroutine_handle<coroutine_promise<T>> frame;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) {
        if constexpr (std::derived_from<Promise, coroutine_end>)
            frame.promise().cancelled_by(awaiting.promise().off());
        frame.promise().continuation = awaiting;
        return frame;
    }
    T await_resume() { return frame.promise().take(); }
};

}  // namespace detail

/// A C++20 coroutine. It begins when it is awaited, passed to start(), or returned to Python.
///
/// If another coroutine<T> awaits it, it is cancelled with that one; so are the calls that it awaits
/// with on(). co_await this_cancellation() returns its cancellation, to look whether it is
/// requested(), and does not wait.
///
/// Owns:    the coroutine's frame. It must not be destroyed while it waits on an executor that may
///          resume it at the same time.
/// Threads: one at a time.
template <class T = void>
class [[nodiscard]] coroutine {
public:
    using promise_type = detail::coroutine_promise<T>;

    coroutine(coroutine &&other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    coroutine(const coroutine &) = delete;
    coroutine &operator=(const coroutine &) = delete;
    ~coroutine() {
        if (frame_)
            frame_.destroy();
    }

    /// off.request() cancels what it awaits, and this coroutine only: not one that awaits it. Call it
    /// before it begins. Each of several cancellations cancels it.
    coroutine &&cancelled_by(const cancellation &off) && {
        frame_.promise().cancelled_by(off);
        return std::move(*this);
    }

    auto operator co_await() && noexcept { return detail::coroutine_awaiter<T>{frame_}; }

private:
    friend detail::coroutine_promise<T>;
    friend struct detail::cancellation_of_coroutine;
    explicit coroutine(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
coroutine<T> coroutine_promise<T>::get_return_object() noexcept {
    return coroutine<T>(std::coroutine_handle<coroutine_promise>::from_promise(*this));
}
inline coroutine<void> coroutine_promise<void>::get_return_object() noexcept {
    return coroutine<void>(std::coroutine_handle<coroutine_promise>::from_promise(*this));
}

/// What is requested when any of a coroutine's cancellations is.
struct cancellation_of_coroutine {
    template <class T>
    static const cancellation &get(const coroutine<T> &its) {
        return its.frame_.promise().off();
    }
};

/// Begins at once, and destroys itself at its end.
struct detached_coroutine {
    struct promise_type {
        detached_coroutine get_return_object() const noexcept { return {}; }
        [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
        [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() {
            pass_on_forced_unwind();
            std::terminate();
        }
    };
};

template <class T>
using value_or_nothing = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Runs it, destroys it, and only then passes on its end: end(problem, value), one of which is
/// empty. Moving the value may throw, so it stays here until `end` takes it.
template <class T, class End>
detached_coroutine run_to_end(coroutine<T> what, End end) {
    std::exception_ptr problem;
    std::optional<value_or_nothing<T>> value;
    {
        coroutine<T> running = std::move(what);
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(running);
                value.emplace();
            } else {
                value.emplace(co_await std::move(running));
            }
        } catch (...) {
            pass_on_forced_unwind();
            problem = std::current_exception();
        }
    }
    end(std::move(problem), value);
}

/// Awaited, it returns the promise's cancellation.
struct cancellation_of_this {
    std::optional<cancellation> found;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <std::derived_from<coroutine_end> Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
        found.emplace(awaiting.promise().off());
        return false;
    }
    cancellation await_resume() { return std::move(*found); }
};

}  // namespace detail

/// Runs a coroutine on this thread until it first waits. The future is ready when it has ended and
/// its frame is destroyed. If the coroutine fails, uncancelled, after the future has been destroyed,
/// stderr has the exception (HF312).
/// \param off  cancels what it awaits.
template <class T>
std::future<T> start(coroutine<T> what, const cancellation &off = cancellation()) {
    std::promise<T> promise;
    std::future<T> result = promise.get_future();
    coroutine<T> whole = std::move(what).cancelled_by(off);
    const cancellation its = detail::cancellation_of_coroutine::get(whole);
    const void *const state = detail::shared_state_of(result);
    detail::run_to_end(std::move(whole), [promise = std::move(promise), its, state](
                                             std::exception_ptr problem, auto &value) mutable {
        try {
            if (!problem) {
                if constexpr (std::is_void_v<T>)
                    detail::settle_promise(promise, state);
                else
                    detail::settle_promise(promise, state, std::move(*value));
                return;
            }
        } catch (...) {  // from moving the value
            detail::pass_on_forced_unwind();
            problem = std::current_exception();
        }
        const bool is_unread = detail::has_no_reader(promise) && !its.requested();
        promise.set_exception(problem);
        if (is_unread)
            detail::say_unread(problem, "a coroutine");
    });
    return result;
}

/// In a coroutine<T>, co_await this_cancellation() returns its cancellation, to look whether it is
/// requested(). It does not wait.
[[nodiscard]] inline detail::cancellation_of_this this_cancellation() noexcept { return {}; }

}  // namespace holdfast
