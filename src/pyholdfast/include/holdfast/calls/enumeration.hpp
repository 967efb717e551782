// holdfast/calls/enumeration.hpp: C++ enums for Python's enums and literals.
//
// An enum can be passed if holdfast::enumeration, or literal, is specialised for it, as generated
// headers do:
//
//   enum class side { buy, sell };
//
//   template <>
//   struct holdfast::enumeration<side> {
//       static constexpr const char *module = "pricing";
//       static constexpr const char *name = "Side";
//       static constexpr const char *members[] = {"BUY", "SELL"};
//       static constexpr side values[] = {side::buy, side::sell};
//       static constexpr bool is_flag = false;   // true: by value, any union of members
//   };
//
//   template <>
//   struct holdfast::literal<mode> {
//       static constexpr holdfast::literal_value texts[] = {"fast", "slow"};
//       static constexpr mode values[] = {mode::fast, mode::slow};
//   };
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <holdfast/annotations.hpp>
#include <holdfast/calls/described_types.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast {

/// Describes T's enum class in Python. The primary template means that T has none.
template <class T>
struct enumeration {};

/// The values of T, if T is a Literal[...] in Python.
template <class T>
struct literal {};

namespace detail {

/// Whether a str equals this UTF-8 text. Attached; leaves no error.
HOLDFAST_REQUIRES_ATTACHED inline bool is_text(PyObject *string, std::string_view text) noexcept {
    Py_ssize_t size = 0;
    const char *const data = PyUnicode_AsUTF8AndSize(string, &size);
    if (data == nullptr)
        PyErr_Clear();
    return data != nullptr && std::string_view(data, static_cast<std::size_t>(size)) == text;
}

}  // namespace detail

/// One value of a Literal: text, an integer, a bool or None.
///
/// Threads: any; it does not change.
class literal_value {
public:
    constexpr literal_value(const char *text) noexcept : kind_(kind::text), text_(text) {}
    constexpr literal_value(std::nullptr_t) noexcept : kind_(kind::none) {}
    template <class T, std::enable_if_t<std::is_integral_v<T>, int> = 0>
    constexpr literal_value(T number) noexcept
        : kind_(std::is_same_v<T, bool> ? kind::truth : kind::number),
          number_(static_cast<long long>(number)) {}

    /// A new reference, or null with an error set.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED PyObject *to_python() const noexcept {
        switch (kind_) {
        case kind::text:
            return PyUnicode_FromString(text_);
        case kind::number:
            return PyLong_FromLongLong(number_);
        case kind::truth:
            return PyBool_FromLong(static_cast<long>(number_));
        case kind::none:
            break;
        }
        Py_RETURN_NONE;
    }

    /// Whether a Python value is this one, with the same type: 1 is not True.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED bool is(PyObject *value) const noexcept {
        switch (kind_) {
        case kind::text:
            return PyUnicode_Check(value) && detail::is_text(value, text_);
        case kind::truth:
            return value == (number_ != 0 ? Py_True : Py_False);
        case kind::none:
            return value == Py_None;
        case kind::number:
            break;
        }
        if (!PyLong_Check(value) || PyBool_Check(value))
            return false;
        int overflow = 0;
        return PyLong_AsLongLongAndOverflow(value, &overflow) == number_ && overflow == 0;
    }

    /// Calls `with` with the value: a string_view, a long long, a bool or nullptr.
    template <class With>
    void visit(With &&with) const {
        switch (kind_) {
        case kind::text:
            return with(std::string_view(text_));
        case kind::number:
            return with(number_);
        case kind::truth:
            return with(number_ != 0);
        case kind::none:
            break;
        }
        with(nullptr);
    }

    /// As written in the hint.
    [[nodiscard]] std::string text() const {
        switch (kind_) {
        case kind::text:
            return '\'' + std::string(text_) + '\'';
        case kind::number:
            return std::to_string(number_);
        case kind::truth:
            return number_ != 0 ? "True" : "False";
        case kind::none:
            break;
        }
        return "None";
    }

private:
    enum class kind : unsigned char { text, number, truth, none };
    kind kind_;
    const char *text_ = nullptr;
    long long number_ = 0;
};

namespace detail {

template <class T, std::size_t Count>
constexpr std::size_t index_of(T value, const T (&values)[Count]) noexcept {
    std::size_t index = 0;
    while (index < Count && values[index] != value)
        ++index;
    return index;
}

template <class T, class = void>
inline constexpr const expectation *expected_enumeration = nullptr;
template <class T>
inline constexpr const expectation
    *expected_enumeration<T, std::void_t<decltype(enumeration<T>::expected)>> =
        enumeration<T>::expected;

template <class T>
struct converter<T, std::enable_if_t<is_enumeration<T>>> {
    using its = enumeration<T>;
    using number = std::underlying_type_t<T>;
    static constexpr std::size_t count = sizeof(its::members) / sizeof(its::members[0]);
    static constexpr const char *wanted = its::name;

    static PyObject *to_python(T value, const value_path &where) {
        const resolved &found = its_class();
        if constexpr (its::is_flag) {
            const owned bits(converter<number>::to_python(static_cast<number>(value), where));
            return bits ? PyObject_CallOneArg(found.callable, bits.get()) : nullptr;
        } else {
            const std::size_t index = index_of(value, its::values);
            if (index == count)
                throw_does_not_fit(where, std::to_string(static_cast<number>(value)), wanted);
            return PyObject_GetAttr(found.callable, name(found, index));
        }
    }

    static T from_python(PyObject *value, const value_path &where) {
        const resolved &found = its_class();
        if (reinterpret_cast<PyObject *>(Py_TYPE(value)) != found.callable)
            demand_instance(value, found.callable, wanted, where);
        if constexpr (its::is_flag) {
            const owned bits = demand(PyObject_GetAttrString(value, "value"));
            return static_cast<T>(converter<number>::from_python(bits.get(), where));
        } else {
            const owned its_name = demand(PyObject_GetAttrString(value, "_name_"));
            for (std::size_t i = 0; i < count;
                 ++i)  // names are interned: one of the pointers is equal
                if (name(found, i) == its_name.get())
                    return its::values[i];
            return from_other_name(its_name.get(), where);
        }
    }

private:
    static const resolved &its_class() {
        static lookup_cache cache;
        static constexpr callee type{
            "", its::module, its::name, "", its::members, 0, expected_enumeration<T>};
        return cache.find(attached_ref(), type, count);
    }

    static PyObject *name(const resolved &found, std::size_t index) noexcept {
        return PyTuple_GET_ITEM(PyTuple_GET_ITEM(found.keywords, static_cast<Py_ssize_t>(count)),
                                static_cast<Py_ssize_t>(index));
    }

    HOLDFAST_DETAIL_COLD static T from_other_name(PyObject *its_name, const value_path &where) {
        for (std::size_t i = 0; i < count; ++i)
            if (is_text(its_name, its::members[i]))
                return its::values[i];
        throw_wrong_type(where, wanted,
                         "its member " + utf8_of(its_name) + ", which this header does not know");
    }
};

template <class T>
struct converter<T, std::enable_if_t<is_literal<T>>> {
    using its = literal<T>;
    static constexpr std::size_t count = sizeof(its::texts) / sizeof(its::texts[0]);
    static constexpr const char *wanted = "a literal";

    static PyObject *to_python(T value, const value_path &where) {
        const std::size_t index = index_of(value, its::values);
        if (index == count)
            throw_does_not_fit(where, std::to_string(static_cast<std::underlying_type_t<T>>(value)),
                               all_texts<T>().c_str());
        return its::texts[index].to_python();
    }

    static T from_python(PyObject *value, const value_path &where) {
        for (std::size_t i = 0; i < count; ++i)
            if (its::texts[i].is(value))
                return its::values[i];
        const saved_error aside;
        const owned shown(PyObject_Repr(value));
        PyErr_Clear();
        throw_wrong_type(where, all_texts<T>().c_str(),
                         shown ? utf8_of(shown.get()) : name_of_type(Py_TYPE(value)));
    }
};

}  // namespace detail

}  // namespace holdfast
