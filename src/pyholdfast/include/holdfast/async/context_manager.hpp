// holdfast/async/context_manager.hpp: Python's `async with` blocks in C++, as scopes or futures.
//
//   const auto session = client.enter_async().get();     // async def __aenter__(self) -> Session
//   session->send("hello");                              // __aexit__ at the end of the scope
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <exception>
#include <future>
#include <utility>

#include <holdfast/async/coroutine.hpp>
#include <holdfast/calls/context_manager.hpp>
#include <holdfast/calls/handle.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast {

namespace detail {

/// Has the loop call a manager's __aexit__, which was looked up on entry. Attaches if necessary.
inline task<> leave_on_loop(const object &manager, const object &leave, bool by_error) {
    const attach_guard attached(manager.view());
    const saved_error aside;
    const owned problem =
        by_error ? demand(PyObject_CallFunction(PyExc_RuntimeError, "s",
                                                "the scope was left by a C++ exception"))
                 : owned();
    PyObject *const raised = by_error ? problem.get() : Py_None;
    const owned function = demand(PyObject_GetAttrString(event_loop(), "leave"));
    const owned coroutine = demand(
        PyObject_CallFunctionObjArgs(function.get(), manager.get(), leave.get(), raised, nullptr));
    return converter<task<>>::start(coroutine.get(), "__aexit__()");
}

}  // namespace detail

/// The result of a Python `async with`, until the block is left.
///
/// T is the type that __aenter__ returns. The destructor has the event loop run __aexit__ and waits
/// for it, detached, and reports the wait on stderr every few seconds. An exception from __aexit__
/// goes to sys.unraisablehook, so call close() first if it matters. On the loop's own thread, which
/// must not wait, the destructor only starts __aexit__, and an exception goes to asyncio's
/// exception handler. If a C++ exception leaves the scope, __aexit__ gets a RuntimeError and cannot
/// suppress the C++ exception. If the interpreter refuses the thread by then, __aexit__ is not
/// called.
///
/// Threads: one at a time; any thread may destroy it, attached or not.
template <class T>
class async_entered {
public:
    async_entered(async_entered &&other) noexcept
        : value_(std::move(other.value_)),
          manager_(std::move(other.manager_)),
          leave_(std::move(other.leave_)) {}
    async_entered(const async_entered &) = delete;
    async_entered &operator=(const async_entered &) = delete;

    ~async_entered() {
        if (!leave_)
            return;
        const detail::cancellation_held_off until_left;  // it attaches, and waits
        try {
            end(close_async_as(std::uncaught_exceptions() > uncaught_));
        } catch (const python_error &problem) {
            report(problem);
        } catch (...) {  // the interpreter has ended, or refuses this thread
        }
    }

    /// Runs __aexit__ now, and waits for it, detached. \throws usage_error HF412; python_error,
    /// closed_error
    void close() {
        if (leave_)
            close_async_as(false).get();
    }
    /// The same, but returns a task to wait for later. If the block was already left, the task is
    /// empty (see valid()).
    /// \throws closed_error
    [[nodiscard]] task<> close_async() { return leave_ ? close_async_as(false) : task<>(); }

    [[nodiscard]] const T &operator*() const noexcept { return value_; }
    const T *operator->() const noexcept { return &value_; }

private:
    template <class, class>
    friend struct detail::converter;

    async_entered(T value, object manager, object leave) noexcept
        : value_(std::move(value)), manager_(std::move(manager)), leave_(std::move(leave)) {}

    task<> close_async_as(bool by_error) {
        const object leave = std::exchange(leave_, object());
        return detail::leave_on_loop(manager_, leave, by_error);
    }

    static void end(task<> leaving) {
        try {
            while (!leaving.wait_for(detail::report_interval))
                detail::say(
                    "HF415 ~async_entered waits for __aexit__\n"
                    "  do: look at what __aexit__ awaits, and give that a limit\n");
        } catch (const usage_error &) {  // this is the loop's thread
            std::move(leaving).then([](std::future<void> ended) { ended.get(); });
            return;
        }
        leaving.get();
    }

    HOLDFAST_DETAIL_COLD void report(const python_error &problem) const noexcept {
        const attach_guard attached(manager_.view(), std::nothrow);
        if (!attached)
            return;
        const detail::saved_error aside;
        try {
            problem.restore();
            PyErr_WriteUnraisable(manager_.get());
        } catch (...) {  // the interpreter ended meanwhile
        }
    }

    T value_;
    object manager_;
    object leave_;  // its bound __aexit__; empty once the block is left
    // Counted in the scope that it was last moved into, not in the loop that made it.
    int uncaught_ = std::uncaught_exceptions();
};

namespace detail {

/// Converts the result of the loop's `enter`: the manager, its __aexit__, and __aenter__'s result.
template <class T>
struct converter<async_entered<T>> {
    static constexpr const char *wanted = converter<T>::wanted;

    static async_entered<T> from_python(PyObject *value, const value_path &where) {
        const object manager = object::borrow(PyTuple_GET_ITEM(value, 0));
        const object leave = object::borrow(PyTuple_GET_ITEM(value, 1));
        try {
            return {owned_from_python<T>(PyTuple_GET_ITEM(value, 2), where), manager, leave};
        } catch (...) {
            leave_on_loop(manager, leave, true).then([](std::future<void> ended) { ended.get(); });
            rethrow();
        }
    }
};

/// Starts to enter a manager. Attaches if necessary.
template <class T>
task<async_entered<T>> enter_on_loop(const object &manager, call_site site) {
    call_attach attached;
    (void)attach_for(attached, manager, "enter_async()", site);
    const owned function = demand(PyObject_GetAttrString(event_loop(), "enter"));
    const owned coroutine = demand(PyObject_CallOneArg(function.get(), manager.get()));
    return converter<task<async_entered<T>>>::start(coroutine.get(), "__aenter__()");
}

}  // namespace detail

/// A Python asynchronous context manager whose `async with` gives a T, for example the result of a
/// function decorated with @contextlib.asynccontextmanager.
///
/// Owns:    the same as an object.
/// Threads: the same as an object.
template <class T>
class async_context_manager {
public:
    async_context_manager() = default;
    /// Not checked: an object that is not an asynchronous context manager fails in enter_async()'s
    /// task.
    explicit async_context_manager(object self) noexcept : self_(std::move(self)) {}

    [[nodiscard]] const object &self() const noexcept { return self_; }
    explicit operator bool() const noexcept { return static_cast<bool>(self_); }

    /// Has the event loop run __aenter__. The block lasts until the task's result is destroyed.
    /// \throws closed_error
    [[nodiscard]] task<async_entered<T>> enter_async(call_site site = call_site::current()) const {
        return detail::enter_on_loop<T>(self_, site);
    }

private:
    object self_;
};

namespace detail {

template <class T>
struct converter<async_context_manager<T>> {
    static constexpr const char *wanted = "asynchronous context manager";

    static PyObject *to_python(const async_context_manager<T> &value, const value_path &where) {
        return converter<object>::to_python(value.self(), where);
    }
    static async_context_manager<T> from_python(PyObject *value, const value_path &where) {
        if (!class_has(value, "__aenter__") || !class_has(value, "__aexit__"))
            throw_wrong_type(where, wanted, value);
        return async_context_manager<T>(object::borrow(value));
    }
};

}  // namespace detail

}  // namespace holdfast
