// holdfast/calls/context_manager.hpp: Python context managers, as from @contextlib.contextmanager.
//
// The `with` block itself is entered<T>, in handle.hpp.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/handle.hpp>

namespace holdfast {

/// A Python context manager whose `with` gives a T.
///
///     const auto open = store.transaction("orders").enter();    // @contextmanager
///     open->add(5);                                             // until `open` ends
///
/// Owns:    the same as an object.
/// Threads: the same as an object.
template <class T>
class context_manager {
public:
    context_manager() = default;
    /// Not checked: an object that is not a context manager fails in enter().
    explicit context_manager(object self) noexcept : self_(std::move(self)) {}

    [[nodiscard]] const object &self() const noexcept { return self_; }
    explicit operator bool() const noexcept { return static_cast<bool>(self_); }

    /// A `with` block that lasts as long as the result. \throws python_error, conversion_error,
    /// closed_error
    [[nodiscard]] entered<T> enter(call_site site = call_site::current()) const {
        return entered<T>(self_, site);
    }

private:
    object self_;
};

namespace detail {

/// Whether a value's class has a method.
HOLDFAST_REQUIRES_ATTACHED inline bool class_has(PyObject *value, const char *method) noexcept {
    return PyObject_HasAttrString(reinterpret_cast<PyObject *>(Py_TYPE(value)), method) != 0;
}

template <class T>
struct converter<context_manager<T>> {
    static constexpr const char *wanted = "context manager";

    static PyObject *to_python(const context_manager<T> &value, const value_path &where) {
        return converter<object>::to_python(value.self(), where);
    }
    static context_manager<T> from_python(PyObject *value, const value_path &where) {
        if (!class_has(value, "__enter__") || !class_has(value, "__exit__"))
            throw_wrong_type(where, wanted, value);
        return context_manager<T>(object::borrow(value));
    }
};

}  // namespace detail

}  // namespace holdfast
