// holdfast/callable.hpp: a C++ function as a Python callable, for callbacks.
//
// Layer 54.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "convert.hpp"
#include "convert_stl.hpp"
#include "detail/border.hpp"
#include "object.hpp"
#include "python_error.hpp"

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

/// A C++ function and what Python needs to call it. Owned by a capsule, which the Python function owns.
///
/// Threads: called and destroyed attached, on whichever thread Python does it.
template <class F, class Signature>
struct native_function;
template <class F, class Result, class... Args>
struct native_function<F, Result(Args...)> {
    static_assert(!(std::is_same_v<plain<Args>, PyObject *> || ...), "take it as const holdfast::object &");
    static constexpr const char *capsule_name = "holdfast.native_function";

    F function;
    std::string name;
    PyMethodDef definition{};

    native_function(std::string its_name, F &&its_function)
        : function(std::move(its_function)), name(std::move(its_name)) {
        definition.ml_name = name.c_str();
        definition.ml_meth = reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call));
        definition.ml_flags = METH_FASTCALL;
    }

    static PyObject *call(PyObject *capsule, PyObject *const *arguments, Py_ssize_t count) noexcept {
        auto *const self = static_cast<native_function *>(PyCapsule_GetPointer(capsule, capsule_name));
        return translate_exceptions([&]() -> PyObject * {
            if (count != static_cast<Py_ssize_t>(sizeof...(Args)))
                return PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments (%zd given)",
                                    self->name.c_str(), static_cast<Py_ssize_t>(sizeof...(Args)), count);
            return self->run(arguments, std::index_sequence_for<Args...>());
        });
    }

    static void destroy(PyObject *capsule) noexcept {
        const saved_error aside;
        delete static_cast<native_function *>(PyCapsule_GetPointer(capsule, capsule_name));
    }

private:
    template <std::size_t... I>
    PyObject *run(PyObject *const *arguments, std::index_sequence<I...>) {
        const callee here{"", "", name.c_str(), "()"};
        (void)arguments, (void)here;  // of a function without arguments
        // In braces, so from left to right. Views among them point into the arguments, which outlive the call.
        std::tuple<plain<Args>...> values{
            converter<plain<Args>>::from_python(arguments[I], place::argument(here, nullptr, I + 1))...};
        if constexpr (std::is_void_v<Result>) {
            function(static_cast<Args &&>(std::get<I>(values))...);
            Py_RETURN_NONE;
        } else {
            return converter<plain<Result>>::to_python(function(static_cast<Args &&>(std::get<I>(values))...),
                                                       place::result(here, nullptr));
        }
    }
};

}  // namespace detail

/// A Python callable that calls `function`, to be handed to Python as a callback.
///
/// Takes positional arguments, converted by the parameters' types (table in convert.hpp). What `function`
/// throws becomes a Python exception: a python_error the one it was, std::bad_alloc a MemoryError,
/// std::out_of_range an IndexError, std::invalid_argument a ValueError, a conversion_error a TypeError or
/// OverflowError, anything else a RuntimeError. It must not end its thread: one that calls pthread_exit()
/// is stopped for good instead, and cancellation waits until `function` has returned.
///
/// `function` is kept as long as Python keeps the callable. It may be called, and destroyed, by any
/// thread, attached.
/// \param name  what Python shows, e.g. in tracebacks.
/// \throws closed_error
template <class F>
[[nodiscard]] object callable(std::string name, F function) {
    using native = detail::native_function<F, typename detail::signature_of<F>::type>;
    const attach_guard attached;
    auto held = std::make_unique<native>(std::move(name), std::move(function));
    const detail::owned capsule =
        detail::demand(PyCapsule_New(held.get(), native::capsule_name, &native::destroy));
    native *const kept = held.release();
    return object::steal(
        detail::demand(PyCFunction_NewEx(&kept->definition, capsule.get(), nullptr)).release());
}

}  // namespace holdfast
