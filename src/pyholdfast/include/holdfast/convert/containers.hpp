// holdfast/convert/containers.hpp: converts standard containers between C++ and Python.
//
// The table, for element types that themselves convert:
//
//   C++                           Python, to   Python, from
//   std::optional<T>              None or T    None or T
//   std::vector<T>                list         list, tuple, any iterable but str, bytes, dict
//   std::map, std::unordered_map  dict         dict, or a mapping with keys() and items()
//   std::pair, std::tuple         tuple        tuple or list of that length
//
// Elements are copied. If another thread, or code that an element's own conversion runs, changes a
// Python container meanwhile: a dict, a set or a tuple is read as it was at the beginning, but a list
// item by item, so the copy may mix items from before and after the change.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <holdfast/convert/convert.hpp>

namespace holdfast::detail {

template <class T>
struct converter<std::optional<T>> {
    static constexpr const char *wanted = converter<T>::wanted;

    static PyObject *to_python(const std::optional<T> &value, const value_path &where) {
        if (!value)
            Py_RETURN_NONE;
        return converter<T>::to_python(*value, where);
    }
    static std::optional<T> from_python(PyObject *value, const value_path &where) {
        static_assert(!is_view<T>, "take what owns its data, e.g. std::string");
        if (value == Py_None)
            return std::nullopt;
        return converter<T>::from_python(value, where);
    }
};

/// An item of a list that another thread may shorten: a new reference, or null past the end.
inline PyObject *list_item(PyObject *list, Py_ssize_t index) noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    PyObject *const item = PyList_GetItemRef(list, index);
    if (item == nullptr)
        PyErr_Clear();
    return item;
#else
    if (index >= PyList_GET_SIZE(list))
        return nullptr;
    PyObject *const item = PyList_GET_ITEM(list, index);
    Py_INCREF(item);
    return item;
#endif
}

/// Types whose conversion does not run Python code and cannot fail halfway. Whole lists of them are
/// copied without checks for changes, reference counting or paths for errors.
template <class T>
inline constexpr bool is_number = std::is_same_v<T, double> || is_integer<T>;

/// Reads the number in `item`; false if it is not exactly of that type or does not fit.
inline bool read_number(PyObject *item, double &number) noexcept {
    number = PyFloat_CheckExact(item) ? PyFloat_AS_DOUBLE(item) : 0;
    return PyFloat_CheckExact(item) != 0;
}
template <class Integer>
bool read_number(PyObject *item, Integer &number) noexcept {
    if (!PyLong_CheckExact(item))
        return false;
    int overflow = 0;
#if HOLDFAST_HAS_COMPACT_INTS
    const auto *const digits = reinterpret_cast<const PyLongObject *>(item);
    const long long wide = PyUnstable_Long_IsCompact(digits) != 0
                               ? static_cast<long long>(PyUnstable_Long_CompactValue(digits))
                               : PyLong_AsLongLongAndOverflow(item, &overflow);
#else
    const long long wide = PyLong_AsLongLongAndOverflow(item, &overflow);
#endif
    number = static_cast<Integer>(wide);
    return overflow == 0 && static_cast<long long>(number) == wide &&
           (std::is_signed_v<Integer> || wide >= 0);
}

/// Reads up to `count` numbers from the beginning of a list, and stops at the first other item.
/// Returns how many it read.
template <class T>
Py_ssize_t read_numbers(PyObject *list, T *to, Py_ssize_t count) noexcept {
    Py_ssize_t done = 0;
#if HOLDFAST_HAS_FREE_THREADING
    Py_BEGIN_CRITICAL_SECTION(list);  // items are borrowed: no thread may remove one meanwhile
#endif
    const Py_ssize_t size = PyList_GET_SIZE(list) < count ? PyList_GET_SIZE(list) : count;
    while (done < size && read_number(PyList_GET_ITEM(list, done), to[done]))
        ++done;
#if HOLDFAST_HAS_FREE_THREADING
    Py_END_CRITICAL_SECTION();
#endif
    return done;
}

template <class T, class Allocator>
struct converter<std::vector<T, Allocator>> {
    using vector = std::vector<T, Allocator>;
    static constexpr const char *wanted = "list";

    static PyObject *to_python(const vector &values, const value_path &where) {
        owned list(PyList_New(static_cast<Py_ssize_t>(values.size())));
        for (std::size_t i = 0; list && i < values.size(); ++i) {
            const T &value = values[i];  // a copy for vector<bool>
            PyObject *item = nullptr;
            if constexpr (is_number<T>)
                item = converter<T>::to_python(value, where);  // it cannot fail for its value
            else
                item = converter<T>::to_python(value, where.element(i));
            if (item == nullptr)
                return nullptr;
            PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), item);
        }
        return list.release();
    }

    static vector from_python(PyObject *value, const value_path &where) {
        static_assert(!is_view<T>, "take elements that own their data, e.g. std::string");
        vector values;
        if (PyList_Check(value)) {
            const auto size = static_cast<std::size_t>(PyList_GET_SIZE(value));
            if constexpr (is_number<T>) {
                values.resize(size);
                values.resize(static_cast<std::size_t>(
                    read_numbers(value, values.data(), static_cast<Py_ssize_t>(size))));
            } else {
                values.reserve(size);
            }
            for (auto i = static_cast<Py_ssize_t>(values.size());; ++i) {  // the remaining items,
                                                                           // one by one
                const owned item(list_item(value, i));
                if (!item)
                    return values;
                add(values, item.get(), where);
            }
        }
        if (PyTuple_Check(value)) {
            values.reserve(static_cast<std::size_t>(PyTuple_GET_SIZE(value)));
            for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); ++i)
                add(values, PyTuple_GET_ITEM(value, i), where);
            return values;
        }
        return from_iterable(value, where);
    }

private:
    static void add(vector &values, PyObject *item, const value_path &where) {
        values.push_back(converter<T>::from_python(item, where.element(values.size())));
    }

    HOLDFAST_DETAIL_COLD static vector from_iterable(PyObject *value, const value_path &where) {
        const bool text =
            PyUnicode_Check(value) || PyBytes_Check(value) || PyByteArray_Check(value);
        const owned iterator(text || PyDict_Check(value) ? nullptr : PyObject_GetIter(value));
        if (!iterator) {
            if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_TypeError) == 0)
                throw_python_error();
            PyErr_Clear();
            throw_wrong_type(where, wanted, value);
        }
        vector values;
        while (PyObject *const next = PyIter_Next(iterator.get())) {
            const owned item(next);
            add(values, item.get(), where);
        }
        if (PyErr_Occurred() != nullptr)
            throw_python_error();
        return values;
    }
};

/// Whether a container finds its keys by their order.
template <class Container, class = void>
inline constexpr bool is_ordered = false;
template <class Container>
inline constexpr bool is_ordered<Container, std::void_t<typename Container::key_compare>> = true;

/// Whether a value, or a part of it, is NaN. Types of other headers have an order of their own.
template <class T, class = void>
struct nan_in {
    static bool any(const T &) noexcept { return false; }
};
template <class T>
struct nan_in<T, std::enable_if_t<std::is_floating_point_v<T>>> {
    static bool any(T value) noexcept { return std::isnan(value); }
};
template <class T>
struct nan_in<std::optional<T>> {
    static bool any(const std::optional<T> &value) noexcept {
        return value && nan_in<T>::any(*value);
    }
};
template <class First, class Second>
struct nan_in<std::pair<First, Second>> {
    static bool any(const std::pair<First, Second> &value) noexcept {
        return nan_in<First>::any(value.first) || nan_in<Second>::any(value.second);
    }
};
template <class... Parts>
struct nan_in<std::tuple<Parts...>> {
    static bool any(const std::tuple<Parts...> &value) noexcept {
        return std::apply([](const Parts &...part) { return (nan_in<Parts>::any(part) || ...); },
                          value);
    }
};
template <class List>
struct nan_in_list {
    static bool any(const List &values) noexcept {
        using part = typename List::value_type;
        return std::any_of(values.begin(), values.end(),
                           [](const part &value) { return nan_in<part>::any(value); });
    }
};
template <class... Rest>
struct nan_in<std::vector<Rest...>> : nan_in_list<std::vector<Rest...>> {};

/// Returns the key of a container; throws if that is ordered and the key is NaN. An ordered
/// container takes NaN for equal to any other key, and loses keys.
template <class Container, class Key>
Key ordered(Key key, const value_path &where) {
    if constexpr (is_ordered<Container>)
        if (nan_in<Key>::any(key))
            throw_does_not_fit(where, "nan", "an ordered container");
    return key;
}

/// The common part of std::map and std::unordered_map.
template <class Map>
struct map_converter {
    using key = typename Map::key_type;
    using mapped = typename Map::mapped_type;
    static constexpr const char *wanted = "dict";

    static PyObject *to_python(const Map &values, const value_path &where) {
        owned dict(PyDict_New());
        std::size_t index = 0;
        for (const auto &[its_key, its_value] : values) {
            if (!dict)
                return nullptr;
            const owned name(converter<key>::to_python(its_key, where.element(index++)));
            const owned item(
                name ? converter<mapped>::to_python(its_value, where.value_of(name.get()))
                     : nullptr);
            if (!item || PyDict_SetItem(dict.get(), name.get(), item.get()) != 0)
                return nullptr;
        }
        return dict.release();
    }

    static Map from_python(PyObject *value, const value_path &where) {
        static_assert(!is_view<key> && !is_view<mapped>,
                      "take keys and values that own their data, e.g. std::string");
        Map values;
        if (PyDict_Check(value)) {
            // Our own copy: converting an element runs Python code, which could change the
            // original.
            const owned snapshot = demand(PyDict_Copy(value));
            Py_ssize_t position = 0;
            PyObject *its_key = nullptr;
            PyObject *its_value = nullptr;
            while (PyDict_Next(snapshot.get(), &position, &its_key, &its_value) != 0)
                add(values, its_key, its_value, where);
        } else {
            const owned items = items_of(value, where);
            for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
                PyObject *const item = PyList_GET_ITEM(items.get(), i);
                if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2)
                    throw_wrong_type(where, wanted, value);
                add(values, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), where);
            }
        }
        return values;
    }

private:
    static void add(Map &values, PyObject *its_key, PyObject *its_value, const value_path &where) {
        const value_path here = where.key_of(its_key);
        values.insert_or_assign(ordered<Map>(converter<key>::from_python(its_key, here), here),
                                converter<mapped>::from_python(its_value, where.value_of(its_key)));
    }

    /// Our own list of the mapping's items.
    HOLDFAST_DETAIL_COLD static owned items_of(PyObject *value, const value_path &where) {
        if (PyObject_HasAttrString(value, "keys") == 0 ||
            PyObject_HasAttrString(value, "items") == 0)
            throw_wrong_type(where, wanted, value);
        const owned items = demand(PyMapping_Items(value));
        return demand(PySequence_List(items.get()));
    }
};

template <class... Rest>
struct converter<std::map<Rest...>> : map_converter<std::map<Rest...>> {};
template <class... Rest>
struct converter<std::unordered_map<Rest...>> : map_converter<std::unordered_map<Rest...>> {};

/// The common part of std::pair and std::tuple.
template <class Tuple, class... Elements>
struct tuple_converter {
    static constexpr std::size_t size = sizeof...(Elements);
    static constexpr const char *wanted = "tuple";

    static PyObject *to_python(const Tuple &values, const value_path &where) {
        return pack(values, where, std::index_sequence_for<Elements...>());
    }

    static Tuple from_python(PyObject *value, const value_path &where) {
        static_assert((!is_view<Elements> && ...),
                      "take elements that own their data, e.g. std::string");
        if (!PyTuple_Check(value) && !PyList_Check(value))
            throw_wrong_type(where, wanted, value);
        const owned items = demand(PySequence_Tuple(value));
        if (PyTuple_GET_SIZE(items.get()) != static_cast<Py_ssize_t>(size))
            throw_wrong_length(where, value, PyTuple_GET_SIZE(items.get()));
        return unpack(items.get(), where, std::index_sequence_for<Elements...>());
    }

private:
    template <std::size_t... I>
    static PyObject *pack(const Tuple &values, const value_path &where, std::index_sequence<I...>) {
        owned tuple(PyTuple_New(static_cast<Py_ssize_t>(size)));
        const bool done =
            tuple && (put<I>(tuple.get(), converter<Elements>::to_python(std::get<I>(values),
                                                                         where.element(I))) &&
                      ...);
        return done ? tuple.release() : nullptr;
    }

    template <std::size_t I>
    static bool put(PyObject *tuple, PyObject *item) noexcept {
        if (item != nullptr)
            PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(I), item);
        return item != nullptr;
    }

    template <std::size_t... I>
    static Tuple unpack(PyObject *items, const value_path &where, std::index_sequence<I...>) {
        (void)items, (void)where;  // unused for an empty tuple
        return Tuple{
            converter<Elements>::from_python(PyTuple_GET_ITEM(items, I), where.element(I))...};
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD static void throw_wrong_length(const value_path &where,
                                                                     PyObject *value,
                                                                     Py_ssize_t length) {
        const std::string expected = "tuple of " + std::to_string(size);
        throw_wrong_type(where, expected.c_str(),
                         name_of_type(Py_TYPE(value)) + " of " + std::to_string(length));
    }
};

template <class First, class Second>
struct converter<std::pair<First, Second>>
    : tuple_converter<std::pair<First, Second>, First, Second> {};
template <class... Elements>
struct converter<std::tuple<Elements...>> : tuple_converter<std::tuple<Elements...>, Elements...> {
};

}  // namespace holdfast::detail
