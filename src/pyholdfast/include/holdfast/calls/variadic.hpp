// holdfast/calls/variadic.hpp: Python functions with *args or **kwargs.
//
//   // def mean(weight: int, *values: float, strict: bool = False, **labels: str) -> float
//   const holdfast::variadic_function<double(std::int64_t, holdfast::args<double>,
//                                            holdfast::defaulted<bool>,
//                                            holdfast::kwargs<std::string>)>
//       mean{"stats", "mean", {"strict"}};
//   mean(1, {1.0, 2.0}, true, {{"unit", "m"}});
//
// Slower than a function, because it allocates a list of its arguments.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <holdfast/calls/function.hpp>
#include <holdfast/calls/handle.hpp>

namespace holdfast {

/// In a signature: Python's *args of this type, passed as a std::vector.
template <class T>
struct args {};
/// In a signature: Python's **kwargs of this type, passed as a std::map by name.
template <class T>
struct kwargs {};

namespace detail {

template <class T>
inline constexpr bool is_args = false;
template <class T>
inline constexpr bool is_args<args<T>> = true;
template <class T>
inline constexpr bool is_kwargs = false;
template <class T>
inline constexpr bool is_kwargs<kwargs<T>> = true;

/// A parameter that the end of a call may leave out; it is then empty.
template <class T>
class args_parameter {
public:
    args_parameter(use_default_t) noexcept {}
    args_parameter(T values) : values_(std::move(values)) {}
    args_parameter(std::initializer_list<typename T::value_type> values) : values_(values) {}

    [[nodiscard]] const T &values() const noexcept { return values_; }

private:
    T values_;
};

template <class T>
struct parameter<args<T>> {
    using type = args_parameter<std::vector<T>>;
};
template <class T>
struct parameter<kwargs<T>> {
    using type = args_parameter<std::map<std::string, T>>;
};

/// Whether a parameter may be left out at the end.
template <class T>
inline constexpr bool may_be_left_out = is_defaulted<T> || is_args<T> || is_kwargs<T>;

template <class... Args>
constexpr std::size_t count_optional_end() noexcept {
    const bool optional[] = {false, may_be_left_out<plain<Args>>...};
    std::size_t count = 0;
    while (optional[sizeof...(Args) - count])
        ++count;
    return count;
}

/// The arguments of one call: first those passed by position, then those passed by name, as for
/// vectorcall.
///
/// Owns:    a reference to each.
/// Threads: made and used attached, in one call.
class argument_list {
public:
    argument_list() { all_.push_back(nullptr); }  // vectorcall may use the first element itself
    argument_list(const argument_list &) = delete;
    argument_list &operator=(const argument_list &) = delete;
    ~argument_list() {
        for (std::size_t i = 1; i < all_.size(); ++i)
            Py_DECREF(all_[i]);
    }

    void add(PyObject *argument) {
        owned taken = demand(argument);
        all_.push_back(taken.get());
        (void)taken.release();
    }
    void add(std::string_view name, PyObject *argument, const value_path &where) {
        add(argument);
        if (!names_)
            names_ = demand(PyList_New(0));
        const owned text = demand(converter<std::string_view>::to_python(name, where));
        if (PyList_Append(names_.get(), text.get()) != 0)
            throw_python_error();
    }

    [[nodiscard]] std::size_t count() const noexcept { return all_.size() - 1; }

    /// A new reference, or null with an error set.
    PyObject *call(PyObject *callable) { return invoke(&PyObject_Vectorcall, callable); }
    PyObject *call_method(PyObject *name) { return invoke(&PyObject_VectorcallMethod, name); }

private:
    PyObject *invoke(PyObject *(*how)(PyObject *, PyObject *const *, std::size_t, PyObject *),
                     PyObject *target) {
        owned names;
        std::size_t named = 0;
        if (names_) {
            names = demand(PyList_AsTuple(names_.get()));
            named = static_cast<std::size_t>(PyTuple_GET_SIZE(names.get()));
        }
        return how(target, all_.data() + 1, (count() - named) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                   names.get());
    }

    std::vector<PyObject *> all_;
    owned names_;
};

template <class Function, class Result, class Self, class... Args>
struct variadic_operators;
template <class Function, class Result, class... Self, class... Args>
struct variadic_operators<Function, Result, type_list<Self...>, Args...> {
    using type = typename operators_for<Function, Result,
                                        std::make_index_sequence<count_optional_end<Args...>() + 1>,
                                        Self..., Args...>::type;
};

/// The common part of such functions and methods: operator() and the arguments.
///
/// \tparam Self  the types before the arguments: the object for a method, none for a function.
template <class Function, class Result, class Self, class... Args>
class variadic_base : public variadic_operators<Function, Result, Self, Args...>::type {
protected:
    constexpr variadic_base(const char *module, const char *name,
                            const expectation *expected) noexcept
        : call_{"", module, name, "()", names_, sizeof...(Args), expected} {}
    template <std::size_t Count>
    constexpr variadic_base(const char *module, const char *name, const char *const (&names)[Count],
                            const expectation *expected) noexcept
        : call_{"", module, name, "()", names_, first_named(Count), expected} {
        static_assert(Count <= sizeof...(Args), "more names than parameters");
        for (std::size_t i = 0; i < Count; ++i)
            names_[i] = names[i];
    }
    variadic_base(const variadic_base &) = delete;
    variadic_base &operator=(const variadic_base &) = delete;

    /// The named parameters are the last ones, except for a kwargs, which comes after them.
    static constexpr std::size_t first_named(std::size_t count) noexcept {
        return sizeof...(Args) - count - ((is_kwargs<plain<Args>> ? 1 : 0) + ... + 0);
    }

    template <std::size_t... I, class... Given>
    void add_all(argument_list &list, PyObject *subject, std::index_sequence<I...>,
                 const Given &...given) const {
        (void)list, (void)subject;  // unused for a call that leaves all arguments out
        (add<plain<std::tuple_element_t<I, std::tuple<Args...>>>>(
             list, given, I, value_path::argument(call_, subject, I + 1)),
         ...);
    }

    callee call_;
    const char *names_[sizeof...(Args) + 1] = {};

private:
    template <class T, class Given>
    void add(argument_list &list, const Given &given, std::size_t index,
             const value_path &where) const {
        if constexpr (is_args<T>) {
            std::size_t at = 0;
            for (const auto &value : given.values())
                list.add(converter<plain<decltype(value)>>::to_python(value, where.element(at++)));
        } else if constexpr (is_kwargs<T>) {
            for (const auto &[name, value] : given.values())
                list.add(
                    name,
                    converter<plain<decltype(value)>>::to_python(value, where.field(name.c_str())),
                    where);
        } else if (is_given(given)) {
            PyObject *const value = argument_to_python<T>(given, where);
            if (index < call_.first_keyword)
                list.add(value);
            else
                list.add(names_[index - call_.first_keyword], value, where);
        }
    }
};

}  // namespace detail

template <class Signature>
class variadic_function;

/// A Python function with *args or **kwargs; otherwise like function.
///
/// The order of a signature: by position, args<T>, by name (with the names listed), kwargs<T>. A
/// call may leave out args and kwargs at its end. A defaulted parameter that is passed by position
/// can be left out only if no later argument is passed by position.
///
/// Threads: any, attached or not, several at the same time.
template <class Result, class... Args>
class variadic_function<Result(Args...)>
    : public detail::variadic_base<variadic_function<Result(Args...)>, Result, detail::type_list<>,
                                   Args...> {
    using base = detail::variadic_base<variadic_function<Result(Args...)>, Result,
                                       detail::type_list<>, Args...>;

public:
    constexpr variadic_function(const char *module, const char *name,
                                const detail::expectation *expected = nullptr) noexcept
        : base(module, name, expected) {}
    /// \param names  the names of the parameters that are passed by name.
    template <std::size_t Count>
    constexpr variadic_function(const char *module, const char *name,
                                const char *const (&names)[Count],
                                const detail::expectation *expected = nullptr) noexcept
        : base(module, name, names, expected) {}

private:
    template <class, class, class>
    friend struct detail::call_operator;

    template <class... Given>
    Result invoke(call_site site, const Given &...given) const {
        const attach_guard attached(site);
        const detail::resolved &target = found_.find(detail::attached_ref(), this->call_, 0);
        detail::argument_list list;
        this->add_all(list, target.callable, std::index_sequence_for<Given...>(), given...);
        return detail::take_result<Result>(list.call(target.callable), this->call_,
                                           target.callable);
    }

    mutable detail::lookup_cache found_;
};

template <class Signature>
class variadic_method;

/// A method with *args or **kwargs; otherwise like method.
///
/// Threads: any, attached or not, several at the same time.
template <class Result, class... Args>
class variadic_method<Result(Args...)>
    : public detail::variadic_base<variadic_method<Result(Args...)>, Result,
                                   detail::type_list<object>, Args...> {
    using base = detail::variadic_base<variadic_method<Result(Args...)>, Result,
                                       detail::type_list<object>, Args...>;

public:
    constexpr variadic_method(const char *module, const char *name,
                              const detail::expectation *expected = nullptr) noexcept
        : base(module, name, expected) {}
    template <std::size_t Count>
    constexpr variadic_method(const char *module, const char *name,
                              const char *const (&names)[Count],
                              const detail::expectation *expected = nullptr) noexcept
        : base(module, name, names, expected) {}

private:
    template <class, class, class>
    friend struct detail::call_operator;

    template <class... Given>
    Result invoke(call_site site, const object &self, const Given &...given) const {
        detail::call_attach attached;
        const detail::interpreter_ref here =
            detail::attach_for(attached, self, this->call_.name, site);
        const detail::resolved &target = found_.find(here, this->call_, 0, &detail::find_method);
        detail::argument_list list;
        list.add(detail::converter<object>::to_python(
            self, detail::value_path::argument(this->call_, nullptr, 0)));
        this->add_all(list, nullptr, std::index_sequence_for<Given...>(), given...);
        return detail::take_result<Result>(list.call_method(target.callable), this->call_, nullptr);
    }

    mutable detail::lookup_cache found_;
};

}  // namespace holdfast
