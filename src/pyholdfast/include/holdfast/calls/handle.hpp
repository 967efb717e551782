// holdfast/calls/handle.hpp: Python's classes, as C++ classes that hold a reference.
//
// Generated classes look like this:
//
//   class counter : public holdfast::handle {
//   public:
//       static constexpr const char *python_module = "app";
//       static constexpr const char *python_name = "Counter";
//       using handle::handle;
//       explicit counter(holdfast::argument<std::int64_t> start) : handle(construct_(start)) {}
//       std::int64_t add(holdfast::argument<std::int64_t> by) const { return add_(self(), by); }
//
//   private:
//       static inline const holdfast::function<holdfast::object(std::int64_t)> construct_{"app", "Counter"};
//       static inline const holdfast::method<std::int64_t(std::int64_t)> add_{"app", "Counter.add"};
//   };
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <holdfast/calls/function.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast {

/// A reference to a Python object of a known class; may be empty. The base of generated classes.
///
/// Owns:    the same as an object.
/// Threads: the same as an object: destroy it on any thread, attached or not.
class handle {
public:
    handle() = default;
    /// Not checked: if the object does not fit, the class's methods fail when they are called.
    explicit handle(object self) noexcept : self_(std::move(self)) {}

    [[nodiscard]] const object &self() const noexcept { return self_; }
    explicit operator bool() const noexcept { return static_cast<bool>(self_); }

    /// Whether both are the same object, as Python's `is`.
    friend bool operator==(const handle &a, const handle &b) {
        return a.self_.get() == b.self_.get();
    }
    friend bool operator!=(const handle &a, const handle &b) { return !(a == b); }

private:
    object self_;
};

namespace detail {

/// The last part of a dotted name.
constexpr const char *last_part(const char *name) noexcept {
    const char *part = name;
    for (; *name != '\0'; ++name)
        if (*name == '.')
            part = name + 1;
    return part;
}

/// What a method call needs: the method's name as an interned string, instead of the function.
HOLDFAST_DETAIL_COLD inline findings find_method(const callee &call, std::size_t keyword_count) {
    findings made = find_function(call, keyword_count);
    made.callable = demand(PyUnicode_InternFromString(last_part(call.name)));
    return made;
}

/// The same for an attribute, which the class itself need not have.
HOLDFAST_DETAIL_COLD inline findings find_attribute(const callee &call, std::size_t) {
    return {demand(PyUnicode_InternFromString(last_part(call.name))), owned()};
}

/// Attaches to an object's interpreter, unless the thread is already attached to it.
inline interpreter_ref attach_for(call_attach &attached, const object &self, const char *what,
                                  call_site site) {
    if (!self)
        refuse_empty(what);
    const interpreter_ref home = self.view().ref();
    if (home.record == nullptr || guarded_ref() != home)
        attached.begin(self.view(), site);
    return home.record != nullptr ? home : attached_ref();
}

template <class T>
struct converter<T, std::enable_if_t<std::is_class_v<T> && std::is_base_of_v<handle, T>>> {
    static constexpr const char *wanted = T::python_name;

    static PyObject *to_python(const T &value, const value_path &where) {
        return converter<object>::to_python(value.self(), where);
    }

    static T from_python(PyObject *value, const value_path &where) {
        static lookup_cache cache;
        static constexpr callee type{"", T::python_module, T::python_name, ""};
        PyObject *const its_class = cache.find(attached_ref(), type, 0).callable;
        const int is = PyObject_IsInstance(value, its_class);
        if (is < 0)
            throw_python_error();
        if (is == 0)
            throw_wrong_type(where, wanted, value);
        return T(object::borrow(value));
    }
};

}  // namespace detail

template <class Signature>
class method;

/// A method of Python objects. It is looked up on the object, so an override is called.
///
/// `add(object, 5)`; names, defaulted parameters, conversions and errors are the same as for
/// function. Attaches to the object's interpreter if necessary.
///
/// Threads: any, attached or not, several at the same time.
template <class Result, class... Args>
class method<Result(Args...)>
    : public detail::operators_t<method<Result(Args...)>, Result, object, Args...> {
public:
    /// \param name  with its class, e.g. "Counter.add". Pass literals: the pointers are kept.
    constexpr method(const char *module, const char *name,
                     const detail::expectation *expected = nullptr) noexcept
        : call_{"", module, name, "()", keywords_, sizeof...(Args), expected} {}

    /// \param names  the names of the last parameters, which are then passed by name.
    template <std::size_t Count>
    constexpr method(const char *module, const char *name, const char *const (&names)[Count],
                     const detail::expectation *expected = nullptr) noexcept
        : call_{"", module, name, "()", keywords_, sizeof...(Args) - Count, expected} {
        static_assert(Count <= sizeof...(Args), "more names than parameters");
        for (std::size_t i = 0; i < Count; ++i)
            keywords_[i] = names[i];
    }

    method(const method &) = delete;
    method &operator=(const method &) = delete;

private:
    template <class, class, class>
    friend struct detail::call_operator;

    template <class... Given>
    Result invoke(call_site site, const object &self, const Given &...given) const {
        detail::call_attach attached;
        const detail::interpreter_ref here = detail::attach_for(attached, self, call_.name, site);
        const detail::resolved &target =
            found_.find(here, call_, sizeof...(Args) - call_.first_keyword, &detail::find_method);
        PyObject *array[sizeof...(Given) + 2];  // vectorcall may use the first element itself
        detail::held_arguments arguments(array + 1);
        arguments.push(detail::converter<object>::to_python(
            self, detail::value_path::argument(call_, nullptr, 0)));
        push_all(arguments, std::index_sequence_for<Given...>(), given...);

        detail::owned made;
        PyObject *names = nullptr;
        if (has_defaults || call_.first_keyword < sizeof...(Given)) {
            const bool are_given[] = {detail::is_given(given)..., false};
            names = detail::select_keywords(target, call_, are_given, sizeof...(Given), made);
        }
        const std::size_t named =
            names == nullptr ? 0 : static_cast<std::size_t>(PyTuple_GET_SIZE(names));
        return detail::take_result<Result>(
            PyObject_VectorcallMethod(target.callable, array + 1,
                                      (arguments.count() - named) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                      names),
            call_, nullptr);
    }

    template <std::size_t... I, class... Given>
    void push_all(detail::held_arguments &arguments, std::index_sequence<I...>,
                  const Given &...given) const {
        (void)arguments;  // unused for a method without arguments
        ((detail::is_given(given)
              ? arguments.push(detail::argument_to_python<
                               detail::plain<std::tuple_element_t<I, std::tuple<Args...>>>>(
                    given, detail::value_path::argument(call_, nullptr, I + 1)))
              : void()),
         ...);
    }

    static constexpr bool has_defaults = (detail::is_defaulted<detail::plain<Args>> || ...);

    detail::callee call_;
    mutable detail::lookup_cache found_;
    const char *keywords_[sizeof...(Args) + 1] = {};
};

/// An attribute or property of Python objects. Attaches to the object's interpreter if necessary.
///
/// Threads: any, attached or not, several at the same time.
template <class T>
class property {
public:
    /// \param name  with its class, e.g. "Counter.total". Pass literals: the pointers are kept.
    constexpr property(const char *module, const char *name) noexcept
        : call_{"", module, name, ""} {}
    property(const property &) = delete;
    property &operator=(const property &) = delete;

    /// \throws python_error, conversion_error, closed_error
    [[nodiscard]] T get(const object &self, call_site site = call_site::current()) const {
        detail::call_attach attached;
        PyObject *const name = find(attached, self, site);
        return detail::take_result<T>(PyObject_GetAttr(self.get(), name), call_, nullptr);
    }

    /// \throws python_error, conversion_error, closed_error
    void set(const object &self, argument<T> value, call_site site = call_site::current()) const {
        detail::call_attach attached;
        PyObject *const name = find(attached, self, site);
        const detail::owned converted = detail::demand(
            detail::argument_to_python<T>(value, detail::value_path::argument(call_, nullptr, 1)));
        if (PyObject_SetAttr(self.get(), name, converted.get()) != 0)
            detail::throw_python_error();
    }

private:
    PyObject *find(detail::call_attach &attached, const object &self, call_site site) const {
        const detail::interpreter_ref here = detail::attach_for(attached, self, call_.name, site);
        return found_.find(here, call_, 0, &detail::find_attribute).callable;
    }

    detail::callee call_;
    mutable detail::lookup_cache found_;
};

/// A Python `with` block, for the scope of a C++ variable.
///
/// T is the type that __enter__ returns. The destructor calls __exit__ on the thread that runs it,
/// and attaches if necessary. An exception from __exit__ there goes to sys.unraisablehook, so call
/// close() first if it matters. If a C++ exception leaves the scope, __exit__ gets a RuntimeError
/// and cannot suppress the C++ exception. If the interpreter refuses the thread by then, __exit__
/// is not called.
///
/// Threads: make, use and destroy on one thread, whose C++ exceptions the destructor asks about.
template <class T>
class entered {
public:
    /// Calls __enter__. \throws python_error, conversion_error, closed_error
    explicit entered(const object &manager, call_site site = call_site::current())
        : uncaught_(std::uncaught_exceptions()) {
        detail::call_attach attached;
        (void)detail::attach_for(attached, manager, "entered", site);
        PyObject *const type = reinterpret_cast<PyObject *>(Py_TYPE(manager.get()));
        object leave =
            object::steal(detail::demand(PyObject_GetAttrString(type, "__exit__")).release());
        const detail::owned enter = detail::demand(PyObject_GetAttrString(type, "__enter__"));
        static constexpr detail::callee call{"", "", "__enter__", "()"};
        PyObject *const result = PyObject_CallOneArg(enter.get(), manager.get());
        const detail::owned taken = detail::demand(result);
        manager_ = manager;  // from here on the block must be left
        exit_ = std::move(leave);
        try {
            value_ = detail::owned_from_python<T>(taken.get(),
                                                  detail::value_path::result(call, nullptr));
        } catch (...) {
            leave_by_error();
            detail::rethrow();
        }
    }

    entered(entered &&other) noexcept
        : value_(std::move(other.value_)),
          manager_(std::move(other.manager_)),
          exit_(std::move(other.exit_)),
          uncaught_(other.uncaught_) {}
    entered(const entered &) = delete;
    entered &operator=(const entered &) = delete;

    ~entered() {
        if (!exit_)
            return;
        const detail::cancellation_held_off until_left;  // Python code waits, below a destructor
        const attach_guard attached(manager_.view(), std::nothrow);
        if (!attached)
            return;
        if (std::uncaught_exceptions() > uncaught_)
            leave_by_error();
        else if (!leave(Py_None, Py_None))
            PyErr_WriteUnraisable(exit_.get());
    }

    /// Calls __exit__ now. \throws python_error, closed_error
    void close(call_site site = call_site::current()) {
        if (!exit_)
            return;
        detail::call_attach attached;
        (void)detail::attach_for(attached, manager_, "entered", site);
        const bool left = leave(Py_None, Py_None);
        exit_ = object();
        if (!left)
            detail::throw_python_error();
    }

    [[nodiscard]] const T &operator*() const noexcept { return value_; }
    const T *operator->() const noexcept { return &value_; }

private:
    [[nodiscard]] bool leave(PyObject *type, PyObject *value) const {
        const detail::owned result(PyObject_CallFunctionObjArgs(exit_.get(), manager_.get(), type,
                                                                value, Py_None, nullptr));
        return static_cast<bool>(result);
    }

    HOLDFAST_DETAIL_COLD void leave_by_error() noexcept {
        const detail::cancellation_held_off until_left;  // the constructor, too, calls this
        const detail::saved_error aside;
        const detail::owned problem(PyObject_CallFunction(PyExc_RuntimeError, "s",
                                                          "the scope was left by a C++ exception"));
        if (!problem || !leave(PyExc_RuntimeError, problem.get()))
            PyErr_WriteUnraisable(exit_.get());
        exit_ = object();
    }

    T value_{};
    object manager_;
    object exit_;
    int uncaught_;
};

/// A class of Python exceptions, to tell errors apart.
///
///     catch (const holdfast::python_error &problem) {
///         if (app::invalid_book.matches(problem)) ...
///
/// Threads: any, attached or not, several at the same time.
class exception_class {
public:
    constexpr exception_class(const char *module, const char *name) noexcept
        : call_{"", module, name, ""} {}
    exception_class(const exception_class &) = delete;
    exception_class &operator=(const exception_class &) = delete;

    /// Whether the exception is of this class or a derived class. Attaches if necessary. Of an
    /// exception that was raised in another process only the type's name is known: it matches if
    /// that is this class's.
    /// \throws closed_error, lookup_error
    [[nodiscard]] bool matches(const python_error &problem,
                               call_site site = call_site::current()) const {
        if (!problem.exception())
            return problem.type() == (std::string_view(call_.module) == "builtins"
                                          ? std::string(call_.name)
                                          : std::string(call_.module) + '.' + call_.name);
        detail::call_attach attached;
        const detail::interpreter_ref here =
            detail::attach_for(attached, problem.exception(), "exception_class::matches()", site);
        return PyErr_GivenExceptionMatches(problem.exception().get(),
                                           found_.find(here, call_, 0).callable) != 0;
    }

private:
    detail::callee call_;
    mutable detail::lookup_cache found_;
};

}  // namespace holdfast
