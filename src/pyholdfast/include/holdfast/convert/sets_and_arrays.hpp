// holdfast/convert/sets_and_arrays.hpp: sets, fixed-length arrays, frozen sets and tuples.
//
// The table, for element types that themselves convert:
//
//   C++                             Python, to   Python, from
//   std::set, std::unordered_set    set          set, frozenset, keys of a dict
//   frozen_set<T>                   frozenset    the same
//   std::array<T, N>                list         list or tuple of that length
//   variadic_tuple<T>               tuple        list, tuple, any iterable but str, bytes, dict
//
// Elements are copied, as in convert/containers.hpp.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>

namespace holdfast {

/// A set that becomes a frozenset in Python, for example to be an element of another set.
template <class T>
struct frozen_set : std::set<T> {
    using std::set<T>::set;
    frozen_set() = default;
    frozen_set(std::set<T> from) : std::set<T>(std::move(from)) {}
};

/// A vector that becomes a tuple in Python: tuple[T, ...], for places where a list will not do,
/// such as a key.
template <class T>
struct variadic_tuple : std::vector<T> {
    using std::vector<T>::vector;
    variadic_tuple() = default;
    variadic_tuple(std::vector<T> from) : std::vector<T>(std::move(from)) {}
};

namespace detail {

template <class T, std::size_t Size>
struct nan_in<std::array<T, Size>> : nan_in_list<std::array<T, Size>> {};
template <class T>
struct nan_in<variadic_tuple<T>> : nan_in_list<variadic_tuple<T>> {};

/// The common part of all set converters.
template <class Set>
struct set_converter {
    using element = typename Set::value_type;
    static constexpr const char *wanted = "set";

    static PyObject *to_python(const Set &values, const value_path &where) {
        return fill(owned(PySet_New(nullptr)), values, where);
    }

    static Set from_python(PyObject *value, const value_path &where) {
        static_assert(!is_view<element>, "take elements that own their data, e.g. std::string");
        if (PyAnySet_Check(value) == 0 && PyDictKeys_Check(value) == 0)
            throw_wrong_type(where, wanted, value);
        // Our own copy: converting an element runs Python code, which could change the original.
        const owned items = demand(PySequence_List(value));
        Set values;
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
            PyObject *const item = PyList_GET_ITEM(items.get(), i);
            const value_path here = where.value_of(item);
            values.insert(ordered<Set>(converter<element>::from_python(item, here), here));
        }
        return values;
    }

protected:
    /// \param made  a new set or frozenset that no other code has seen; null with an error set.
    static PyObject *fill(owned made, const Set &values, const value_path &where) {
        std::size_t index = 0;
        for (const element &value : values) {
            const owned item(made ? converter<element>::to_python(value, where.element(index++))
                                  : nullptr);
            if (!item || PySet_Add(made.get(), item.get()) != 0)
                return nullptr;
        }
        return made.release();
    }
};

template <class... Rest>
struct converter<std::set<Rest...>> : set_converter<std::set<Rest...>> {};
template <class... Rest>
struct converter<std::unordered_set<Rest...>> : set_converter<std::unordered_set<Rest...>> {};

template <class T>
struct converter<frozen_set<T>> : set_converter<frozen_set<T>> {
    static constexpr const char *wanted = "frozenset";

    static PyObject *to_python(const frozen_set<T> &values, const value_path &where) {
        return set_converter<frozen_set<T>>::fill(owned(PyFrozenSet_New(nullptr)), values, where);
    }
};

template <class T, std::size_t Size>
struct converter<std::array<T, Size>> {
    static constexpr const char *wanted = "list";

    static PyObject *to_python(const std::array<T, Size> &values, const value_path &where) {
        owned list(PyList_New(static_cast<Py_ssize_t>(Size)));
        for (std::size_t i = 0; list && i < Size; ++i) {
            PyObject *const item = converter<T>::to_python(values[i], where.element(i));
            if (item == nullptr)
                return nullptr;
            PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), item);
        }
        return list.release();
    }

    static std::array<T, Size> from_python(PyObject *value, const value_path &where) {
        static_assert(!is_view<T>, "take elements that own their data, e.g. std::string");
        const std::string expected = "list of " + std::to_string(Size);
        if (!PyTuple_Check(value) && !PyList_Check(value))
            throw_wrong_type(where, expected.c_str(), value);
        const owned items = demand(PySequence_Tuple(value));
        if (PyTuple_GET_SIZE(items.get()) != static_cast<Py_ssize_t>(Size))
            throw_wrong_type(where, expected.c_str(),
                             name_of_type(Py_TYPE(value)) + " of " +
                                 std::to_string(PyTuple_GET_SIZE(items.get())));
        std::array<T, Size> values{};
        for (std::size_t i = 0; i < Size; ++i)
            values[i] = converter<T>::from_python(
                PyTuple_GET_ITEM(items.get(), static_cast<Py_ssize_t>(i)), where.element(i));
        return values;
    }
};

template <class T>
struct converter<variadic_tuple<T>> {
    static constexpr const char *wanted = "tuple";

    static PyObject *to_python(const variadic_tuple<T> &values, const value_path &where) {
        const owned list(converter<std::vector<T>>::to_python(values, where));
        return list ? PyList_AsTuple(list.get()) : nullptr;
    }
    static variadic_tuple<T> from_python(PyObject *value, const value_path &where) {
        return converter<std::vector<T>>::from_python(value, where);
    }
};

}  // namespace detail

}  // namespace holdfast
