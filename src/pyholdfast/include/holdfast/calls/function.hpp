// holdfast/calls/function.hpp: calls Python functions like typed C++ functions.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/argument_type.hpp>
#include <holdfast/calls/call_attach.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

namespace detail {

/// The argument references of a call in progress. The caller has the array; the count is kept here,
/// so that it need not be read again after Python has seen the array.
class held_arguments {
public:
    explicit held_arguments(PyObject **first) noexcept : first_(first) {}
    held_arguments(const held_arguments &) = delete;
    held_arguments &operator=(const held_arguments &) = delete;
    ~held_arguments() {
        for (std::size_t i = 0; i < count_; ++i)
            Py_DECREF(first_[i]);
    }

    void push(PyObject *argument) {
        if (argument == nullptr)
            throw_python_error();
        first_[count_++] = argument;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    PyObject **first_;
    std::size_t count_ = 0;
};

[[noreturn]] void refuse_gap(const std::string &called, std::size_t left_out, std::size_t given);

/// The names of the arguments that are passed by name, for vectorcall; null if there are none.
///
/// \param made  keeps the tuple alive if it is not one of the prefixes.
/// \throws usage_error  HF406 an argument was left out before one that has no name.
inline PyObject *select_keywords(const resolved &target, const callee &call, const bool *are_given,
                                 std::size_t count, owned &made) {
    const std::size_t first = call.first_keyword;
    std::size_t positional = 0;
    while (positional < count && positional < first && are_given[positional])
        ++positional;
    for (std::size_t i = positional; i < count && i < first; ++i)
        if (are_given[i])
            refuse_gap(call.text(target.callable), positional + 1, i + 1);
    std::size_t named = 0;
    bool without_gap = true;
    for (std::size_t i = first; i < count; ++i) {
        without_gap = without_gap && (!are_given[i] || named == i - first);
        named += are_given[i] ? 1 : 0;
    }
    if (named == 0)
        return nullptr;
    if (without_gap)
        return PyTuple_GET_ITEM(target.keywords, static_cast<Py_ssize_t>(named));
    PyObject *const all = PyTuple_GET_ITEM(target.keywords, PyTuple_GET_SIZE(target.keywords) - 1);
    made = demand(PyTuple_New(static_cast<Py_ssize_t>(named)));
    Py_ssize_t next = 0;
    for (std::size_t i = first; i < count; ++i)
        if (are_given[i]) {
            PyObject *const name = PyTuple_GET_ITEM(all, static_cast<Py_ssize_t>(i - first));
            Py_INCREF(name);
            PyTuple_SET_ITEM(made.get(), next++, name);
        }
    return made.get();
}

[[noreturn]] void refuse_empty(const char *what);

/// Converts the result of a call.
template <class Result>
HOLDFAST_REQUIRES_ATTACHED Result take_result(PyObject *result, const callee &call,
                                              PyObject *callable) {
    static_assert(!is_view<Result>,
                  "a view of the result would outlive it: return std::string, "
                  "holdfast::bytes or holdfast::object");
    const owned taken = demand(result);
    if constexpr (is_number<Result>) {
        Result number;
        if (read_number(taken.get(), number))  // without a path for errors
            return number;
    }
    return converter<Result>::from_python(taken.get(), value_path::result(call, callable));
}

template <class... Types>
struct type_list {};

/// operator() for a signature, or for the beginning of a signature.
template <class Function, class Result, class List>
struct call_operator;
template <class Function, class Result, class... Args>
struct call_operator<Function, Result, type_list<Args...>> {
    Result operator()(parameter_t<Args>... arguments, call_site site = call_site::current()) const {
        return static_cast<const Function &>(*this).invoke(site, arguments...);
    }
};

template <class Function, class Result, class... Lists>
struct call_operators : call_operator<Function, Result, Lists>... {
    using call_operator<Function, Result, Lists>::operator()...;
};

template <class Sequence, class... Args>
struct first_of;
template <std::size_t... I, class... Args>
struct first_of<std::index_sequence<I...>, Args...> {
    using type = type_list<std::tuple_element_t<I, std::tuple<Args...>>...>;
};

/// How many of the last parameters may be left out.
template <class... Args>
constexpr std::size_t count_trailing_defaults() noexcept {
    const bool defaults[] = {false, is_defaulted<plain<Args>>...};
    std::size_t count = 0;
    while (defaults[sizeof...(Args) - count])
        ++count;
    return count;
}

/// One operator() for each number of arguments.
template <class Function, class Result, class Left, class... Args>
struct operators_for;
template <class Function, class Result, std::size_t... Left, class... Args>
struct operators_for<Function, Result, std::index_sequence<Left...>, Args...> {
    using type = call_operators<
        Function, Result,
        typename first_of<std::make_index_sequence<sizeof...(Args) - Left>, Args...>::type...>;
};
template <class Function, class Result, class... Args>
using operators_t =
    typename operators_for<Function, Result,
                           std::make_index_sequence<count_trailing_defaults<Args...>() + 1>,
                           Args...>::type;

}  // namespace detail

/// The type that a call accepts for a T in its signature, for functions that pass arguments on.
template <class T>
using argument = detail::parameter_t<T>;

template <class Signature>
class function;

/// A Python function that any native thread can call like a C++ function.
///
///     holdfast::function<double(std::string_view, std::int64_t)> score{"scoring", "score"};
///     double value = score("text", 5);
///
/// A call attaches if necessary, to the interpreter that the thread is in, else to the main one. It
/// converts the arguments and the result (table in convert.hpp), and throws what Python raises.
/// Integers are checked against the signature. While attached it costs as much as
/// PyObject_Vectorcall and allocates nothing itself.
///
/// The first call looks the function up, once per interpreter; later changes of the name have no
/// effect. A function can be a constant at namespace scope: no code runs before the first call, or
/// after Python has ended.
///
/// The last parameters can be passed by name, and those with a default in Python can be left out:
///
///     holdfast::function<double(std::string_view, holdfast::defaulted<std::int64_t>,
///                               holdfast::defaulted<bool>)>
///         search{"app", "search", {"limit", "strict"}};     // def search(text, *, limit=10, strict=False)
///     search("text"), search("text", 5), search("text", holdfast::use_default, true);
///
/// Owns:    references to the objects that it found, dropped like those of an object.
/// Threads: any number at the same time.
template <class Result, class... Args>
class function<Result(Args...)>
    : public detail::operators_t<function<Result(Args...)>, Result, Args...> {
public:
    /// \param module  as in `import`, e.g. "package.scoring". A literal, like the others: the
    ///                pointer is kept.
    /// \param name    a function or class in it; may be dotted, e.g. "Scorer.score", to reach into
    ///                classes.
    /// \param expected  from a generated header: what the function must look like. Must outlive
    ///                  this.
    constexpr function(const char *module, const char *name,
                       const detail::expectation *expected = nullptr) noexcept
        : call_{"", module, name, "()", keywords_, sizeof...(Args), expected} {}

    /// \param names  the names of the last parameters, which are then passed by name.
    template <std::size_t Count>
    constexpr function(const char *module, const char *name, const char *const (&names)[Count],
                       const detail::expectation *expected = nullptr) noexcept
        : call_{"", module, name, "()", keywords_, sizeof...(Args) - Count, expected} {
        static_assert(Count <= sizeof...(Args), "more names than parameters");
        for (std::size_t i = 0; i < Count; ++i)
            keywords_[i] = names[i];
    }

    /// For a fixed interpreter, such as a subinterpreter, whichever one the caller is in.
    constexpr function(interpreter_view where, const char *module, const char *name) noexcept
        : view_(where), call_{"", module, name, "()", keywords_, sizeof...(Args)} {}

    /// Copies the names; looks them up again.
    constexpr function(const function &other) noexcept
        : detail::operators_t<function, Result, Args...>(other),
          view_(other.view_),
          call_(other.call_) {
        for (std::size_t i = 0; i < sizeof...(Args); ++i)
            keywords_[i] = other.keywords_[i];
        call_.keywords = keywords_;
    }
    function &operator=(const function &) = delete;

    /// The names given to the constructor.
    [[nodiscard]] constexpr const char *module() const noexcept { return call_.module; }
    [[nodiscard]] constexpr const char *name() const noexcept { return call_.name; }
    /// For code that has the call made elsewhere: the names, which live as long as this.
    [[nodiscard]] constexpr const detail::callee &described() const noexcept { return call_; }

    /// Whether `other` was given the same literals, so that calling either has the same effect.
    [[nodiscard]] bool is_same(const function &other) const noexcept {
        bool same = view_ == other.view_ && call_.module == other.call_.module &&
                    call_.name == other.call_.name &&
                    call_.first_keyword == other.call_.first_keyword;
        for (std::size_t i = 0; i < sizeof...(Args); ++i)
            same = same && keywords_[i] == other.keywords_[i];
        return same;
    }

private:
    template <class, class, class>
    friend struct detail::call_operator;

    template <class... Given>
    Result invoke(call_site site, const Given &...given) const {
        detail::call_attach attached;
        detail::interpreter_ref here = detail::guarded_ref();
        if (here.record == nullptr ||
            (view_.unresolved_ref().record != nullptr && view_.ref() != here)) {
            attached.begin(view_, site);
            here = detail::attached_ref();
        }
        const detail::traced_call traced(call_.module, call_.name, attached.has_begun());
        const detail::resolved &target =
            found_.find(here, call_, sizeof...(Args) - call_.first_keyword);
        PyObject *array[sizeof...(Given) + 1];  // vectorcall may use the first element itself
        detail::held_arguments arguments(array + 1);
        push_all(arguments, target.callable, std::index_sequence_for<Given...>(), given...);

        detail::owned made;
        PyObject *names = nullptr;
        if (has_defaults || call_.first_keyword < sizeof...(Given)) {
            const bool are_given[] = {detail::is_given(given)..., false};
            names = detail::select_keywords(target, call_, are_given, sizeof...(Given), made);
        }
        const std::size_t named =
            names == nullptr ? 0 : static_cast<std::size_t>(PyTuple_GET_SIZE(names));
        return detail::take_result<Result>(
            PyObject_Vectorcall(target.callable, array + 1,
                                (arguments.count() - named) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                names),
            call_, target.callable);
    }

    template <std::size_t... I, class... Given>
    void push_all(detail::held_arguments &arguments, PyObject *callable, std::index_sequence<I...>,
                  const Given &...given) const {
        (void)arguments, (void)callable;  // unused for a call without arguments
        ((detail::is_given(given)
              ? arguments.push(detail::argument_to_python<
                               detail::plain<std::tuple_element_t<I, std::tuple<Args...>>>>(
                    given, detail::value_path::argument(call_, callable, I + 1)))
              : void()),
         ...);
    }

    static constexpr bool has_defaults = (detail::is_defaulted<detail::plain<Args>> || ...);

    interpreter_view view_;
    detail::callee call_;
    mutable detail::lookup_cache found_;
    const char *keywords_[sizeof...(Args) + 1] = {};
};

/// Several signatures of one Python function; the arguments select one.
///
///     const holdfast::overloads parse{holdfast::function<std::int64_t(std::string_view)>{"app", "parse"},
///                                     holdfast::function<double(std::string_view, bool)>{"app", "parse"}};
///
/// If they differ only in the kind of a number, write exact<bool>, exact<std::int64_t>,
/// exact<double>.
template <class... Functions>
struct overloads : Functions... {
    constexpr overloads(const Functions &...functions) noexcept : Functions(functions)... {}
    using Functions::operator()...;
};

inline object object::attr(const char *name) const {
    if (pointer_ == nullptr)
        detail::refuse_empty("object::attr()");
    const attach_guard attached(view());
    return steal(detail::demand(PyObject_GetAttrString(pointer_, name)).release());
}

template <class Result, class... Args>
Result object::call(const Args &...arguments) const {
    if (pointer_ == nullptr)
        detail::refuse_empty("object::call()");
    const attach_guard attached(view());
    static constexpr detail::callee call{"", "", nullptr, "()"};
    PyObject *array[sizeof...(Args) + 1];
    detail::held_arguments held(array + 1);
    (held.push(detail::argument_to_python<detail::natural_t<Args>>(
         typename detail::parameter<detail::natural_t<Args>>::type(arguments),
         detail::value_path::argument(call, pointer_, held.count() + 1))),
     ...);
    return detail::take_result<Result>(
        PyObject_Vectorcall(pointer_, array + 1, held.count() | PY_VECTORCALL_ARGUMENTS_OFFSET,
                            nullptr),
        call, pointer_);
}

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/function.ipp>
#endif
