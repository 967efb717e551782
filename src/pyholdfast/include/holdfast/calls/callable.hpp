// holdfast/calls/callable.hpp: makes a C++ function callable from Python, for callbacks.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <holdfast/calls/function_holder.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/objects/exception_boundary.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

namespace detail {

template <class F>
struct signature_of : signature_of<decltype(&F::operator())> {};
template <class Result, class... Args>
struct signature_of<Result(Args...)> {
    using type = Result(Args...);
};
template <class Result, class... Args>
struct signature_of<Result (*)(Args...)> : signature_of<Result(Args...)> {};
template <class Result, class... Args>
struct signature_of<Result (*)(Args...) noexcept> : signature_of<Result(Args...)> {};
template <class F, class Result, class... Args>
struct signature_of<Result (F::*)(Args...)> : signature_of<Result(Args...)> {};
template <class F, class Result, class... Args>
struct signature_of<Result (F::*)(Args...) noexcept> : signature_of<Result(Args...)> {};
template <class F, class Result, class... Args>
struct signature_of<Result (F::*)(Args...) const> : signature_of<Result(Args...)> {};
template <class F, class Result, class... Args>
struct signature_of<Result (F::*)(Args...) const noexcept> : signature_of<Result(Args...)> {};

/// A C++ function and the data that Python needs to call it; the kept objects are its first
/// parameters.
template <class F, std::size_t Kept, class Signature>
class native_function;
template <class F, std::size_t Kept, class Result, class... Args>
class native_function<F, Kept, Result(Args...)> : public held_function {
    static_assert(!(std::is_same_v<plain<Args>, PyObject *> || ...),
                  "take it as const holdfast::object &");
    static_assert(Kept <= sizeof...(Args),
                  "the function takes each kept object as one of its first parameters");

    static constexpr std::size_t taken = sizeof...(Args) - Kept;  // the parameters that Python
                                                                  // passes in each call

    template <std::size_t I>
    using parameter = std::tuple_element_t<I, std::tuple<Args...>>;

public:
    native_function(std::string its_name, F &&its_function)
        : function_(std::move(its_function)), name_(std::move(its_name)) {
        definition_.ml_name = name_.c_str();
        definition_.ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call));
        definition_.ml_flags = METH_FASTCALL;
    }

    [[nodiscard]] PyMethodDef *definition() noexcept { return &definition_; }

private:
    static PyObject *call(PyObject *holder, PyObject *const *arguments, Py_ssize_t count) noexcept {
        auto &self = static_cast<native_function &>(function_holder::function_of(holder));
        return translate_exceptions([&]() -> PyObject * {
            if (count != static_cast<Py_ssize_t>(taken))
                return PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments (%zd given)",
                                    self.name_.c_str(), static_cast<Py_ssize_t>(taken), count);
            if (self.kept_count() != Kept)
                return PyErr_Format(PyExc_ReferenceError,
                                    "%s(): the objects it kept have been collected as garbage",
                                    self.name_.c_str());
            return self.run(arguments, std::make_index_sequence<Kept>(),
                            std::make_index_sequence<taken>());
        });
    }

    template <std::size_t... K, std::size_t... I>
    PyObject *run(PyObject *const *arguments, std::index_sequence<K...>,
                  std::index_sequence<I...>) {
        const callee here{"", "", name_.c_str(), "()"};
        (void)arguments, (void)here;  // unused for a function without arguments
        // Braces evaluate from left to right. Views among the values point into the arguments,
        // which outlive the call.
        std::tuple<plain<parameter<Kept + I>>...> values{
            converter<plain<parameter<Kept + I>>>::from_python(
                arguments[I], value_path::argument(here, nullptr, I + 1))...};
        if constexpr (std::is_void_v<Result>) {
            function_(object::borrow(kept(K))...,
                      static_cast<parameter<Kept + I> &&>(std::get<I>(values))...);
            Py_RETURN_NONE;
        } else {
            return converter<plain<Result>>::to_python(
                function_(object::borrow(kept(K))...,
                          static_cast<parameter<Kept + I> &&>(std::get<I>(values))...),
                value_path::result(here, nullptr));
        }
    }

    F function_;
    std::string name_;
    PyMethodDef definition_{};
};

}  // namespace detail

/// A Python callable that calls `function`, to pass to Python as a callback.
///
/// It accepts positional arguments and converts them to the parameters' types (table in
/// convert.hpp). A C++ exception becomes a Python exception: a python_error the original one,
/// std::bad_alloc a MemoryError, std::out_of_range an IndexError, std::invalid_argument a
/// ValueError, a conversion_error a TypeError or OverflowError, anything else a RuntimeError.
/// `function` must not end its thread: a thread that calls pthread_exit() is stopped for good
/// instead, and cancellation waits until `function` has returned.
///
/// `function` lives as long as Python keeps the callable. Any attached thread may call it and
/// destroy it.
///
/// Python's garbage collector cannot see what `function` captures. If it captures an object that
/// refers back to the callable, even indirectly, neither is ever freed. Pass such objects as `kept`
/// instead: the callable keeps them and passes them to `function` as its first arguments, and the
/// collector can free the cycle.
///
///     model.attr("on_change").call(holdfast::callable(
///         "changed", [](const holdfast::object &self, long value) { … }, model));
///
/// \param name  the name that Python shows, for example in tracebacks.
/// \param kept  objects of the interpreter that the thread attaches to.
/// \throws closed_error
/// \throws usage_error  HF408 a kept object belongs to another interpreter, or is empty.
template <class F, class... Kept>
[[nodiscard]] object callable(std::string name, F function, const Kept &...kept) {
    static_assert((std::is_same_v<Kept, object> && ...), "a callable keeps holdfast::objects");
    using native =
        detail::native_function<F, sizeof...(Kept), typename detail::signature_of<F>::type>;
    const attach_guard attached;
    auto held = std::make_unique<native>(std::move(name), std::move(function));
    (held->keep(kept), ...);
    PyMethodDef *const definition = held->definition();
    const detail::owned holder = detail::hold_function(std::move(held));
    return object::steal(
        detail::demand(PyCFunction_NewEx(definition, holder.get(), nullptr)).release());
}

}  // namespace holdfast
