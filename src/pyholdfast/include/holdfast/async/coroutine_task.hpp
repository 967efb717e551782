// holdfast/async/coroutine_task.hpp: Python coroutines as tasks with futures.
//
//   const holdfast::function<holdfast::task<std::string>(std::string_view)> fetch{"client", "fetch"};
//   std::string page = fetch("/index").get();            // async def fetch(path: str) -> str
//
// All coroutines of an interpreter run on one thread, "holdfast asyncio", which the first of them
// starts. finalize() lets them continue while threads are inside, then cancels them, waits for them
// and ends the thread. This is a separate header because <future> costs compile time.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/async/event_loop.hpp>
#include <holdfast/async/settle_promise.hpp>
#include <holdfast/attach/task_waits.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/unread_failure.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast {

namespace detail {

/// One coroutine, shared by the waiting thread and the loop's thread.
///
/// Threads: the loop's thread uses `promise`, or the thread that drops the last callback; `mutex`
///          guards `ended` and `callback`, and no Python code runs under it; everything else is set
///          before it is shared.
template <class T>
struct shared_task {
    std::promise<T> promise;
    const void *state = nullptr;  // of its future
    std::string called;
    std::mutex mutex;
    bool ended = false;
    std::function<void()> callback;
    bool is_dropped = false;     // no thread can get the result any more
    std::exception_ptr failure;  // that nobody has got so far; null: none

    /// Calls `call` once the promise is kept: now if it is already, else on the loop's thread.
    void when_ended(std::function<void()> call) {
        {
            const std::lock_guard<std::mutex> hold(mutex);
            if (!ended) {
                callback = std::move(call);
                return;
            }
        }
        call();
    }

    /// The only task is gone, and no thread has asked it for the result.
    void drop() noexcept {
        std::exception_ptr unread;
        {
            const std::lock_guard<std::mutex> hold(mutex);
            is_dropped = true;
            std::swap(unread, failure);
        }
        if (unread)
            say_unread(unread, called.c_str());
    }

    /// The coroutine raised an exception, or its result cannot be converted. Before end().
    void note_failure(const std::exception_ptr &problem) noexcept {
        {
            const std::lock_guard<std::mutex> hold(mutex);
            if (!is_dropped) {
                failure = problem;
                return;
            }
        }
        say_unread(problem, called.c_str());
    }

    /// \param keep  keeps the promise. A thread that sees it kept runs its when_ended() call
    ///              itself. If it throws, nothing has ended.
    template <class Keep>
    void end(Keep &&keep) {
        std::function<void()> call;
        {
            const std::lock_guard<std::mutex> hold(mutex);
            keep();
            ended = true;
            call.swap(callback);
        }
        if (call)
            call();
    }
};

/// The loop calls this at the end of a coroutine. If it is dropped instead, because the interpreter
/// ended without waiting, the waiting thread gets a closed_error.
template <class T>
class task_end {
public:
    explicit task_end(std::shared_ptr<shared_task<T>> its_task) noexcept
        : task_(std::move(its_task)) {}
    task_end(task_end &&) noexcept = default;
    task_end(const task_end &) = delete;
    task_end &operator=(const task_end &) = delete;
    ~task_end() {
        try {
            if (task_ != nullptr)
                fail(std::make_exception_ptr(closed_error(
                    closed_reason::finalized, task_->called + " has not come to its end",
                    "wait for tasks before Python ends, or cancel them")));
        } catch (...) {  // from a callback, with nobody left to report to
        }
    }

    /// \param kind  0: it returned `value`; 1: it raised it; 2: it was cancelled
    void operator()(int kind, const object &value) {
        if (task_ == nullptr)
            return;
        std::exception_ptr problem;
        const std::shared_ptr<shared_task<T>> ending = task_;
        try {
            if (kind != 0)
                raise(kind, value);
            const callee call{"", "", task_->called.c_str(), ""};
            const value_path where = value_path::result(call, nullptr);
            if constexpr (std::is_void_v<T>) {
                (void)where;
                finish([](shared_task<T> &its) { its.promise.set_value(); });
            } else {
                T result = owned_from_python<T>(value.get(), where);
                finish([&result](shared_task<T> &its) {  // moving the result may throw
                    settle_promise(its.promise, its.state, std::move(result));
                });
            }
        } catch (...) {
            pass_on_forced_unwind();
            if (task_ == nullptr)
                rethrow();  // from the callback: asyncio reports it
            problem = std::current_exception();
        }
        if (!problem)
            return;
        if (kind != 2)
            ending->note_failure(problem);
        fail(problem);
    }

private:
    [[noreturn]] HOLDFAST_DETAIL_COLD static void raise(int kind, const object &value) {
        if (kind == 1) {
            PyObject *const exception = value.get();
            Py_INCREF(exception);
            set_exception(exception);
        } else {
            const owned module = import_module("asyncio");
            const owned type = demand(PyObject_GetAttrString(module.get(), "CancelledError"));
            PyErr_SetNone(type.get());
        }
        throw_python_error();
    }

    void fail(const std::exception_ptr &problem) {
        finish([&problem](shared_task<T> &its) { its.promise.set_exception(problem); });
    }

    /// Once only: afterwards this object no longer refers to the task. If `keep` throws, it still
    /// does.
    template <class Keep>
    void finish(Keep &&keep) {
        if (const std::shared_ptr<shared_task<T>> ending = task_)
            ending->end([&] {
                keep(*ending);
                task_ = nullptr;
            });
    }

    std::shared_ptr<shared_task<T>> task_;
};

/// A task's side of what it shares. If it goes before anyone has asked for the result, a failure is
/// reported.
template <class T>
class task_reader {
public:
    task_reader() = default;
    explicit task_reader(std::shared_ptr<shared_task<T>> shared) noexcept
        : shared_(std::move(shared)) {}
    task_reader(task_reader &&) noexcept = default;
    task_reader(const task_reader &) = delete;
    task_reader &operator=(task_reader &&other) noexcept {
        task_reader before(std::move(*this));
        shared_ = std::move(other.shared_);
        return *this;
    }
    ~task_reader() {
        if (shared_ != nullptr)
            shared_->drop();
    }

    /// Someone gets the result.
    std::shared_ptr<shared_task<T>> take() noexcept { return std::move(shared_); }

private:
    std::shared_ptr<shared_task<T>> shared_;
};

/// \param loop_thread  the thread of the loop that runs the task. Once that has ended, another
///                     thread may have its number; but then the future is ready.
template <class T>
void refuse_wait_on_loop(const std::future<T> &future, std::uint64_t loop_thread) {
    if (loop_thread != 0 && loop_thread == PyThread_get_thread_ident() &&
        future.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        throw usage_error("HF412",
                          "a task was waited for on the event loop's own thread, which must run it",
                          "use then(), or wait on another thread");
}

}  // namespace detail

/// A coroutine that was started on the event loop, and its future result.
///
/// It runs whether or not a thread waits for it. get() throws the exception that it raised, or, if
/// it was cancelled, a python_error of type "asyncio.exceptions.CancelledError". Destroying a task
/// neither waits nor cancels. If the coroutine raises an exception and the task is gone, or goes,
/// without get(), then() or its future having been asked for, stderr has the exception (HF312), as
/// in asyncio.
///
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class T = void>
class task {
public:
    task() = default;

    /// Waits, detached, and returns the result; call it once. \throws usage_error HF412;
    /// python_error, conversion_error, closed_error
    T get() {
        wait();
        (void)reader_.take();
        return future_.get();
    }
    /// Waits, detached. \throws usage_error HF412
    void wait() const {
        detail::refuse_wait_on_loop(future_, loop_thread_);
        const detach_guard detached;
        future_.wait();
    }
    /// Whether it ends within that time, by the steady clock. \throws usage_error HF412
    template <class Number, class Period>
    [[nodiscard]] bool wait_for(std::chrono::duration<Number, Period> limit) const {
        detail::refuse_wait_on_loop(future_, loop_thread_);
        const detach_guard detached;
        return future_.wait_for(limit) == std::future_status::ready;
    }

    /// Raises asyncio.CancelledError in the coroutine, if it has not ended. Does not wait for it to
    /// end.
    /// \throws closed_error
    void cancel() const {
        if (cancel_)
            (void)cancel_.template call<object>();
    }

    /// Calls `callback` with a ready future: immediately if the coroutine has ended, else on the
    /// loop's thread, attached. There it must not block, and its exceptions go to asyncio's
    /// exception handler. The task is then empty. \throws std::future_error  it was empty before
    template <class Callback>
    void then(Callback callback) && {
        const auto shared = reader_.take();
        if (shared == nullptr)
            throw std::future_error(std::future_errc::no_state);
        auto ready = std::make_shared<std::future<T>>(std::move(future_));
        shared->when_ended(
            [ready, callback = std::move(callback)]() mutable { callback(std::move(*ready)); });
    }

    /// Only the future. An attached thread should wait for it with holdfast::get().
    operator std::future<T>() && {
        (void)reader_.take();
        return std::move(future_);
    }

    [[nodiscard]] bool valid() const noexcept { return future_.valid(); }

private:
    template <class, class>
    friend struct detail::converter;

    detail::task_reader<T> reader_;
    std::future<T> future_;
    object cancel_;
    std::uint64_t loop_thread_ = 0;
};

namespace detail {

/// Without "result of ", which errors about the result add themselves.
HOLDFAST_DETAIL_COLD inline std::string name_of_result(const value_path &where) {
    const std::string prefix = "result of ";
    const std::string text = where.text();
    return text.compare(0, prefix.size(), prefix) == 0 ? text.substr(prefix.size()) : text;
}

template <class T>
struct converter<task<T>> {
    static constexpr const char *wanted = "awaitable";

    /// Starts the awaitable.
    HOLDFAST_REQUIRES_ATTACHED static task<T> from_python(PyObject *value,
                                                          const value_path &where) {
        PyObject *const type = reinterpret_cast<PyObject *>(Py_TYPE(value));
        if (PyCoro_CheckExact(value) == 0 && PyObject_HasAttrString(type, "__await__") == 0)
            throw_wrong_type(where, wanted, value);
        return start(value, name_of_result(where));
    }

    static task<T> start(PyObject *awaitable, std::string called) {
        task<T> result;
        const auto shared = std::make_shared<shared_task<T>>();
        shared->called = std::move(called);
        result.future_ = shared->promise.get_future();
        shared->state = shared_state_of(result.future_);
        result.reader_ = task_reader<T>(shared);
        const object done = callable(
            "done", [ending = task_end<T>(shared)](int kind, const object &outcome) mutable {
                ending(kind, outcome);
            });
        const submitted taken = submit_to_loop(awaitable, done);
        result.cancel_ = taken.cancel;
        result.loop_thread_ = taken.loop_thread;
        return result;
    }
};

}  // namespace detail

}  // namespace holdfast
