// holdfast/coroutines/python_awaits.hpp: a C++ function that returns a coroutine<T>, awaited in
// Python.
//
//   app.attr("worth") = …callable("worth", &worth);     // coroutine<double> worth(std::string)
//   async def main(): print(await worth("/index"))
//
// What Python gets is an asyncio.Future of the loop that runs there. To cancel it is to request the
// coroutine's cancellation.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <exception>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/coroutines/coroutine.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/exception_boundary.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/objects/python_source.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/pool_error.hpp>

namespace holdfast::detail {

// finish() comes from any thread, and after the loop's end, too.
inline constexpr const char *awaited_future_source = R"(
import asyncio

def make(cancel):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda ended: cancel() if ended.cancelled() else None)

    def settle(kind, value):
        if future.done():
            return
        if kind == 0:
            future.set_result(value)
        elif kind == 2 or isinstance(value, asyncio.CancelledError):
            future.cancel()
        elif isinstance(value, StopIteration):  # a future does not take it
            problem = RuntimeError("coroutine raised StopIteration")
            problem.__cause__ = value
            future.set_exception(problem)
        else:
            future.set_exception(value)

    def finish(kind, value):
        try:
            loop.call_soon_threadsafe(settle, kind, value)
        except BaseException as problem:
            if loop.is_closed():
                return  # nobody awaits it
            try:
                loop.call_soon_threadsafe(settle, 1, problem)
            except BaseException:
                settle(1, problem)  # the loop sees it when it wakes up

    return future, finish
)";

HOLDFAST_DETAIL_COLD inline findings make_awaited_future(const callee &, std::size_t) {
    owned make = defined_by(awaited_future_source, "<holdfast coroutine>", "make");
    return {demand(make.release()), owned()};
}

/// Tells Python's future how a coroutine has ended, from whatever thread it ended on.
template <class T>
class future_end {
public:
    explicit future_end(object finish) noexcept : finish_(std::move(finish)) {}

    template <class Value>
    void operator()(std::exception_ptr problem, Value &value) {
        const cancellation_held_off until_told;  // else Python would await it for ever
        try {
            const attach_guard attached(finish_.view());
            if (is_cancelled(problem))
                return tell(2, Py_None);
            const owned result(translate_exceptions([&]() -> PyObject * {
                if (problem)
                    std::rethrow_exception(problem);
                if constexpr (std::is_void_v<T>) {
                    Py_RETURN_NONE;
                } else {
                    const callee call{"", "", "coroutine", "()"};
                    return converter<T>::to_python(std::move(*value),
                                                   value_path::result(call, nullptr));
                }
            }));
            if (result)
                return tell(0, result.get());
            const owned raised(take_exception());
            tell(1, raised.get());
        } catch (const closed_error &) {  // Python has ended, and nobody awaits it
        }
    }

private:
    HOLDFAST_REQUIRES_ATTACHED void tell(int kind, PyObject *value) {
        try {
            (void)finish_.template call<object>(kind, object::borrow(value));
        } catch (const python_error &problem) {  // it could not even fail the future
            problem.restore();
            PyErr_WriteUnraisable(finish_.get());
        }
    }

    object finish_;
};

template <class T>
struct converter<coroutine<T>> {
    /// Runs it until it first waits. \throws python_error  RuntimeError: no event loop runs here.
    HOLDFAST_REQUIRES_ATTACHED static PyObject *to_python(coroutine<T> value, const value_path &) {
        static lookup_cache cache;
        static constexpr callee name{"", "holdfast", "coroutine", ""};
        PyObject *const make = cache.find(attached_ref(), name, 0, &make_awaited_future).callable;
        const cancellation off;
        const object cancel = callable("cancel", [off] { off.request(); });
        const owned made = demand(PyObject_CallFunctionObjArgs(make, cancel.get(), nullptr));
        owned future = owned(Py_NewRef(PyTuple_GET_ITEM(made.get(), 0)));
        run_to_end(std::move(value).cancelled_by(off),
                   future_end<T>(object::borrow(PyTuple_GET_ITEM(made.get(), 1))));
        return future.release();
    }
};

}  // namespace holdfast::detail
