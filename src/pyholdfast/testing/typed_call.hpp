// typed_call.hpp: one call of a bound function, with arguments from Python and a result for Python.
//
// For the hosts that pyholdfast.testing writes; not part of the runtime. Include it after the bound header.
#pragma once

#include <holdfast/calls.hpp>

#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

// From headers that cost compile time; a bound header includes them where it needs them.
template <class>
class range;
template <class, class, class>
class generator;
template <class>
class task;
template <class>
class async_range;
template <class>
class variadic_function;
template <class>
struct args;
template <class>
struct kwargs;

namespace testing {

/// Stores the argument for a T of a signature, from its conversion to the end of the call.
template <class T>
struct kept {
    using type = T;
};
template <>
struct kept<std::string_view> {
    using type = std::string;
};
template <>
struct kept<bytes_view> {
    using type = bytes;
};
template <class T>
struct kept<exact<T>> : kept<T> {};
template <class T>
struct kept<defaulted<T>> {
    using type = std::optional<typename kept<T>::type>;
};
template <class T>
struct kept<args<T>> {
    using type = std::vector<T>;
};
template <class T>
struct kept<kwargs<T>> {
    using type = std::map<std::string, T>;
};

template <class T>
inline constexpr bool may_be_missing = false;
template <class T>
inline constexpr bool may_be_missing<defaulted<T>> = true;
template <class T>
inline constexpr bool may_be_missing<args<T>> = true;
template <class T>
inline constexpr bool may_be_missing<kwargs<T>> = true;

/// The result after C++ has used it up: the items of a range, or the value that a task returned.
template <class R>
struct settled {
    using type = R;
    static constexpr const char *kind = "value";
    static R from(R result) { return result; }
};
template <>
struct settled<void> {
    using type = void;
    static constexpr const char *kind = "value";
};
template <class Range, class T>
struct settled_items {
    using type = std::vector<T>;
    static type from(Range items) {
        type all;
        for (auto &item : items)
            all.push_back(std::move(item));
        return all;
    }
};
template <class T>
struct settled<range<T>> : settled_items<range<T>, T> {
    static constexpr const char *kind = "items";
};
template <class T, class Send, class Return>
struct settled<generator<T, Send, Return>> : settled_items<generator<T, Send, Return>, T> {
    static constexpr const char *kind = "items";
};
template <class T>
struct settled<async_range<T>> : settled_items<async_range<T>, T> {
    static constexpr const char *kind = "async items";
};
template <class T>
struct settled<task<T>> {
    using type = T;
    static constexpr const char *kind = "awaitable";
    static T from(task<T> result) { return result.get(); }
};

/// A call. Prepare and examine it attached; make it on any thread, attached or not.
class prepared_call {
public:
    prepared_call() = default;
    prepared_call(const prepared_call &) = delete;
    prepared_call &operator=(const prepared_call &) = delete;
    virtual ~prepared_call() = default;

    /// Makes the call; stores its result, or what it throws.
    virtual void make() = 0;
    /// Whether the call was refused because the interpreter is closed, as expected once finalization has begun.
    virtual bool refused() const = 0;
    /// The result as a Python object; or throws what the call threw. Attached.
    virtual object result() const = 0;
    /// Another result, converted to C++ and back, so that it loses what this C++ type cannot represent. Attached.
    virtual object there_and_back(const object &value) const = 0;
    /// How Python must use up the result: "value", "items", "awaitable", "async items".
    virtual const char *kind() const = 0;
};

template <class Function, class R, class... P>
class typed_call final : public prepared_call {
    using settling = settled<R>;
    using value = std::conditional_t<std::is_void_v<typename settling::type>, std::nullptr_t,
                                     typename settling::type>;

public:
    /// \param given  a tuple with, for each parameter, a tuple of one value, or None if it is left out. Attached.
    /// \throws conversion_error  a hint does not allow an argument.
    typed_call(const Function &function, const object &given)
        : function_(function), arguments_(taken(given, std::index_sequence_for<P...>())) {}

    void make() override { make_with(std::index_sequence_for<P...>()); }

    bool refused() const override { return refused_; }

    object result() const override {
        if (problem_)
            std::rethrow_exception(problem_);
        return to_python(*value_);
    }

    object there_and_back(const object &found) const override {
        if constexpr (std::is_void_v<typename settling::type>)
            return to_python(nullptr);
        else
            return to_python(detail::converter<value>::from_python(
                found.get(), detail::value_path::result(named, nullptr)));
    }

    const char *kind() const override { return settling::kind; }

private:
    static constexpr detail::callee named{"", "", "the function", "()"};

    static object to_python(const value &found) {
        return object::steal(detail::demand(detail::converter<value>::to_python(
                                                found, detail::value_path::result(named, nullptr)))
                                 .release());
    }

    template <std::size_t... I>
    static std::tuple<typename kept<P>::type...> taken(const object &given,
                                                       std::index_sequence<I...>) {
        (void)given;  // unused if the function has no parameters
        return {take<P>(PyTuple_GET_ITEM(given.get(), static_cast<Py_ssize_t>(I)), I + 1)...};
    }

    template <class T>
    static typename kept<T>::type take(PyObject *item, std::size_t number) {
        using wanted = typename kept<T>::type;
        if constexpr (may_be_missing<T>)
            if (item == Py_None)
                return {};
        if constexpr (detail::is_defaulted<T>)
            return detail::converter<typename wanted::value_type>::from_python(
                PyTuple_GET_ITEM(item, 0), detail::value_path::argument(named, nullptr, number));
        else
            return detail::converter<wanted>::from_python(
                PyTuple_GET_ITEM(item, 0), detail::value_path::argument(named, nullptr, number));
    }

    template <class T>
    static decltype(auto) passed(const typename kept<T>::type &argument) {
        if constexpr (detail::is_defaulted<T>)
            return argument ? holdfast::argument<T>(*argument) : holdfast::argument<T>(use_default);
        else
            return (argument);
    }

    template <std::size_t... I>
    void make_with(std::index_sequence<I...>) {
        try {
            if constexpr (std::is_void_v<R>) {
                function_(passed<P>(std::get<I>(arguments_))...);
                value_.emplace();
            } else if constexpr (std::is_void_v<typename settling::type>) {
                settling::from(function_(passed<P>(std::get<I>(arguments_))...));
                value_.emplace();
            } else {
                value_.emplace(settling::from(function_(passed<P>(std::get<I>(arguments_))...)));
            }
        } catch (const closed_error &) {
            refused_ = true;
            problem_ = std::current_exception();
        } catch (const python_error &error) {
            refused_ =
                error.type() == "asyncio.exceptions.CancelledError";  // from a loop that was ended
            problem_ = std::current_exception();
        } catch (const std::exception &) {
            problem_ = std::current_exception();
        }
    }

    const Function &function_;
    std::tuple<typename kept<P>::type...> arguments_;
    std::optional<value> value_;
    std::exception_ptr problem_;
    bool refused_ = false;
};

/// Prepares a call of a function, with its signature or the first of several that accepts the arguments.
///
/// `given(index)` returns the arguments in the order of that signature; an empty object if it lacks one.
template <template <class> class Kind, class R, class... P, class Given>
std::unique_ptr<prepared_call> prepare(const Kind<R(P...)> &function, const Given &given,
                                       int index = 0) {
    const object arguments = given(index);
    if (!arguments)
        throw conversion_error("HF401", "no signature has all parameters of this case",
                               "correct the hints, or the case");
    return std::make_unique<typed_call<Kind<R(P...)>, R, P...>>(function, arguments);
}

template <class Given, class... Functions>
std::unique_ptr<prepared_call> prepare(const overloads<Functions...> &all, const Given &given) {
    std::unique_ptr<prepared_call> found;
    std::exception_ptr problem;
    int index = 0;
    const auto attempt = [&](const auto &function) {
        if (found)
            return;
        try {
            found = prepare(function, given, index++);
        } catch (const conversion_error &) {
            problem = std::current_exception();
        }
    };
    (attempt(static_cast<const Functions &>(all)), ...);
    if (!found)
        std::rethrow_exception(problem);
    return found;
}

}  // namespace testing

}  // namespace holdfast
