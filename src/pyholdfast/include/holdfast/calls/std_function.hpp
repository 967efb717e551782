// holdfast/calls/std_function.hpp: callbacks, as std::function, in both directions.
//
// In Python it becomes a callable, as from callable(): Python may call it on any thread and keep it
// as long as it likes. From Python it becomes a std::function that attaches if necessary, on
// whatever thread it is called and destroyed; it throws what the Python callable raises. A
// std::function that came from Python returns as the original object. This is a separate header
// because <functional> costs compile time.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <functional>
#include <memory>

#include <holdfast/calls/callable.hpp>
#include <holdfast/calls/function.hpp>

namespace holdfast::detail {

/// A Python callable in a std::function. Copies share the reference, so a copy does not need to
/// attach.
///
/// Threads: any, like an object.
template <class Signature>
struct python_call;
template <class Result, class... Args>
struct python_call<Result(Args...)> {
    std::shared_ptr<const object> target;

    /// \throws python_error, conversion_error, closed_error
    Result operator()(const Args &...arguments) const {
        const attach_guard attached(target->view());
        PyObject *const callable = target->get();
        static constexpr callee call{"", "", nullptr, "()"};
        PyObject *array[sizeof...(Args) + 1];  // vectorcall may use the first element itself
        held_arguments held(array + 1);
        (held.push(converter<plain<Args>>::to_python(
             arguments, value_path::argument(call, callable, held.count() + 1))),
         ...);
        return take_result<Result>(
            PyObject_Vectorcall(callable, array + 1, held.count() | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                nullptr),
            call, callable);
    }
};

template <class Result, class... Args>
struct converter<std::function<Result(Args...)>> {
    using function_type = std::function<Result(Args...)>;
    using from_there = python_call<Result(plain<Args>...)>;
    static constexpr const char *wanted = "callable";

    static PyObject *to_python(const function_type &value, const value_path &where) {
        if (!value)
            throw_wrong_type(where, wanted, "an empty std::function");
        if (const from_there *const known = value.template target<from_there>())
            return converter<object>::to_python(*known->target, where);
        return callable("function", value).release();
    }

    static function_type from_python(PyObject *value, const value_path &where) {
        if (PyCallable_Check(value) == 0)
            throw_wrong_type(where, wanted, value);
        return from_there{std::make_shared<const object>(object::borrow(value))};
    }
};

}  // namespace holdfast::detail
