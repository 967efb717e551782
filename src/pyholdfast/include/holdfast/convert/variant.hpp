// holdfast/convert/variant.hpp: unions, as std::variant.
//
// From Python, the first alternative whose type is exactly the value's type wins, so that an int
// does not become a float, or a bool an int, if the union has both. If there is none, the first
// alternative that accepts the value wins.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/nesting.hpp>
#include <holdfast/platform/rethrow.hpp>

namespace holdfast::detail {

template <class... Alternatives>
struct nan_in<std::variant<Alternatives...>> {
    static bool any(const std::variant<Alternatives...> &value) noexcept {
        return std::visit(
            [](const auto &its) { return nan_in<std::decay_t<decltype(its)>>::any(its); }, value);
    }
};

template <class T>
inline constexpr bool takes_buffer = false;  // true for the views of buffer.hpp

/// Types that read a list, or take the items of an iterator: a vector, or derived from one.
template <class... Rest>
std::true_type is_derived_from_vector(const std::vector<Rest...> *);
std::false_type is_derived_from_vector(const void *);
template <class T>
inline constexpr bool takes_items =
    decltype(is_derived_from_vector(static_cast<T *>(nullptr)))::value;
template <class T>
inline constexpr bool takes_items<std::optional<T>> = takes_items<T>;
template <class... Rest>
inline constexpr bool takes_items<std::variant<Rest...>> = (takes_items<Rest> || ...);

/// Whether a value is an array, which may convert to a number if it has only one element.
inline bool is_array(PyObject *value) noexcept {
    return PyObject_CheckBuffer(value) != 0 && PySequence_Check(value) != 0 &&
           !PyBytes_Check(value) && !PyByteArray_Check(value) && !PyUnicode_Check(value);
}

/// Whether a value has exactly the type that T stands for; false if only a conversion can tell.
template <class T>
bool is_exactly(PyObject *value) noexcept {
    if constexpr (std::is_same_v<T, bool>)
        return PyBool_Check(value) != 0;
    else if constexpr (is_integer<T>)
        return PyLong_CheckExact(value) != 0;
    else if constexpr (std::is_floating_point_v<T>)
        return PyFloat_Check(value) != 0;
    else if constexpr (std::is_same_v<T, std::string>)
        return PyUnicode_Check(value) != 0;
    else if constexpr (std::is_same_v<T, bytes>)
        return PyBytes_Check(value) != 0;
    else if constexpr (std::is_same_v<T, std::nullptr_t>)
        return value == Py_None;
    else if constexpr (takes_buffer<T> || takes_items<T>)
        return is_array(value);
    else
        return false;
}

template <class T>
inline constexpr bool is_list = false;
template <class... Rest>
inline constexpr bool is_list<std::vector<Rest...>> = true;
template <class T>
inline constexpr bool is_dict = false;
template <class... Rest>
inline constexpr bool is_dict<std::map<Rest...>> = true;

/// Types that accept neither a list nor a dict.
template <class T>
inline constexpr bool is_scalar =
    is_integer<T> || std::is_floating_point_v<T> || std::is_same_v<T, bool> ||
    std::is_same_v<T, std::string> || std::is_same_v<T, bytes> || std::is_same_v<T, std::nullptr_t>;

template <class... Alternatives>
struct converter<std::variant<Alternatives...>> {
    using variant = std::variant<Alternatives...>;
    static constexpr const char *wanted = "one of the union's types";

    static PyObject *to_python(const variant &value, const value_path &where) {
        return std::visit(
            [&](const auto &held) {
                return converter<plain<decltype(held)>>::to_python(held, where);
            },
            value);
    }

    static variant from_python(PyObject *value, const value_path &where) {
        static_assert((!is_view<Alternatives> && ...), "take what owns its data, e.g. std::string");
        std::optional<variant> found;
        if constexpr (tells_containers) {
            if ((take_container<Alternatives>(value, where, found) || ...))
                return std::move(*found);
        }
        std::string found_wrong;
        PyObject *const given = value;
        owned items;
        (void)((is_exactly<Alternatives>(value) &&
                attempt<Alternatives>(value, items, where, found, found_wrong)) ||
               ...);
        if (!found)
            (void)(attempt<Alternatives>(value, items, where, found, found_wrong) || ...);
        if (!found)
            throw_wrong_type(where, all_wanted().c_str(),
                             name_of_type(Py_TYPE(given)) + found_wrong);
        return std::move(*found);
    }

private:
    /// Whether a list, or a dict, leaves only one choice. A mistake in it is then reported as
    /// usual, without trying the other alternatives. A union that contains itself would try them at
    /// every level.
    static constexpr bool tells_containers =
        ((is_list<Alternatives> || is_dict<Alternatives> || is_scalar<Alternatives>) && ...) &&
        (std::size_t(is_list<Alternatives>) + ...) <= 1 &&
        (std::size_t(is_dict<Alternatives>) + ...) <= 1;

    template <class T>
    static bool take_container(PyObject *value, const value_path &where,
                               std::optional<variant> &found) {
        if constexpr (is_list<T> || is_dict<T>) {
            if (is_list<T> ? PyList_Check(value) : PyDict_Check(value)) {
                found.emplace(std::in_place_type<T>, converter<T>::from_python(value, where));
                return true;
            }
        }
        return false;
    }

    /// \param items  keeps the items of an iterator, which gives them only once: the next
    ///               alternative gets the same ones.
    template <class T>
    static bool attempt(PyObject *&value, owned &items, const value_path &where,
                        std::optional<variant> &found, std::string &found_wrong) {
        if constexpr (takes_items<T>)
            if (PyIter_Check(value) != 0) {
                items = demand(PySequence_List(value));
                value = items.get();
            }
        try {
            found.emplace(std::in_place_type<T>, converter<T>::from_python(value, where));
            return true;
        } catch (const too_deep &) {
            rethrow();  // trying the others would double the time at every level
        } catch (const conversion_error &problem) {
            note(problem, found_wrong);
            return false;
        }
    }

    /// Keeps the reason of the alternative that got furthest: one that is not about the whole
    /// value.
    HOLDFAST_DETAIL_COLD static void note(const conversion_error &problem,
                                          std::string &found_wrong) {
        const std::string text = problem.what();
        const std::string line = text.substr(0, text.find('\n'));
        if (line.size() > found_wrong.size() + 4 && line.find(": wanted ") != std::string::npos)
            found_wrong = " (" + line + ')';
    }

    HOLDFAST_DETAIL_COLD static std::string all_wanted() {
        std::string all;
        ((all += (all.empty() ? "" : " or ") + std::string(converter<Alternatives>::wanted)), ...);
        return all;
    }
};

}  // namespace holdfast::detail
