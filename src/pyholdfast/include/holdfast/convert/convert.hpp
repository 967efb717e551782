// holdfast/convert/convert.hpp: converts single values between C++ and Python.
//
// The table:
//
//   C++                             Python, to   Python, from
//   bool                            bool         bool, numpy.bool
//   integers of 8 to 64 bits        int          int, bool, object with __index__; range-checked
//   double, float                   float        float, int, object with __float__; range-checked
//   std::string, std::string_view   str          str; in both directions valid Unicode only
//   bytes, bytes_view               bytes        bytes; `bytes` also accepts bytearray
//   std::nullptr_t                  None         None
//   object                          itself       anything
//   PyObject *                      itself       (arguments only)
//   void                                         anything, dropped
//
// A float never becomes an integer, a number never becomes a bool, and nothing is truncated. The
// types of the standard library are in convert/containers.hpp and its neighbours, which holdfast.hpp
// includes. Views are for arguments only: a view of a result would outlive it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <holdfast/convert/value_path.hpp>
#include <holdfast/error.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/objects/python_error.hpp>

namespace holdfast {

/// The bytes of a Python bytes object, owned.
struct bytes {
    std::string data;

    friend bool operator==(const bytes &a, const bytes &b) noexcept { return a.data == b.data; }
    friend bool operator!=(const bytes &a, const bytes &b) noexcept { return !(a == b); }
    friend bool operator<(const bytes &a, const bytes &b) noexcept { return a.data < b.data; }
};

/// Bytes to copy into a Python bytes object: an argument that is valid during the call.
struct bytes_view {
    bytes_view(const void *data_, std::size_t size_) noexcept
        : data(static_cast<const char *>(data_)), size(size_) {}
    bytes_view(const bytes &from) noexcept : data(from.data.data()), size(from.data.size()) {}

    const char *data;
    std::size_t size;
};

namespace detail {

template <class T>
inline constexpr bool dependent_false = false;

template <class T>
inline constexpr bool is_character =
    std::is_same_v<T, char> || std::is_same_v<T, wchar_t> || std::is_same_v<T, char16_t> ||
#if defined(__cpp_char8_t)
    std::is_same_v<T, char8_t> ||
#endif
    std::is_same_v<T, char32_t>;

template <class T, bool = std::is_integral_v<T>>
inline constexpr bool has_integer_size = false;  // also for a class that is not complete yet
template <class T>
inline constexpr bool has_integer_size<T, true> = sizeof(T) <= sizeof(long long);

/// The integer types that are numbers: signed and unsigned char are, char is not.
template <class T>
inline constexpr bool is_integer =
    has_integer_size<T> && !std::is_same_v<T, bool> && !is_character<T>;

/// Types whose values point into another object's memory.
template <class T>
inline constexpr bool is_view = std::is_pointer_v<T>;
template <>
inline constexpr bool is_view<std::string_view> = true;
template <>
inline constexpr bool is_view<bytes_view> = true;

/// The conversion of T. Specialise it for your own types, like the ones below. All of it runs
/// attached.
///
///   static constexpr const char *wanted   Python's name for such a value, for error messages
///   to_python(value, where)    a new reference; null with a Python error set (no memory); or throws
///                              conversion_error if Python has no equivalent value
///   from_python(value, where)  the value of a borrowed object
template <class T, class = void>
struct converter {
    static_assert(
        !std::is_pointer_v<T>,
        "holdfast has no conversion for a pointer: take text as std::string_view, to which a const "
        "char * "
        "converts, bytes as holdfast::bytes_view, and a Python object as holdfast::object");
    static_assert(
        std::is_pointer_v<T> || dependent_false<T>,
        "holdfast has no conversion for this type in what is included: holdfast.hpp has those of "
        "the "
        "standard library, or one by one: convert/containers.hpp optional, vector, maps, pair, "
        "tuple; "
        "convert/sets_and_arrays.hpp sets, array; convert/path.hpp filesystem::path; "
        "convert/time.hpp "
        "chrono; "
        "convert/complex.hpp; convert/variant.hpp; calls/std_function.hpp std::function; the table "
        "of "
        "simple "
        "types is in convert.hpp; take anything else as holdfast::object");
};

template <>
struct converter<bool> {
    static constexpr const char *wanted = "bool";

    static PyObject *to_python(bool value, const value_path &) noexcept {
        return PyBool_FromLong(value ? 1 : 0);
    }
    static bool from_python(PyObject *value, const value_path &where) {
        if (value == Py_True || value == Py_False)
            return value == Py_True;
        return from_other(value, where);
    }

private:
    HOLDFAST_DETAIL_COLD static bool from_other(PyObject *value, const value_path &where) {
        const char *const type = Py_TYPE(value)->tp_name;
        if (std::strcmp(type, "numpy.bool") != 0 && std::strcmp(type, "numpy.bool_") != 0)
            throw_wrong_type(where, wanted, value);
        const int truth = PyObject_IsTrue(value);
        if (truth < 0)
            throw_python_error();
        return truth != 0;
    }
};

/// The object's __float__ or __index__ has raised: a TypeError, as of an array of several numbers,
/// means that the value is no number.
[[noreturn]] void throw_no_number(PyObject *value, const value_path &where, const char *wanted);

template <class T>
constexpr const char *name_of_integer() noexcept {
    constexpr const char *names[] = {"int8_t",  "int16_t",  "int32_t",  "int64_t",
                                     "uint8_t", "uint16_t", "uint32_t", "uint64_t"};
    constexpr int width = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    return names[width + (std::is_signed_v<T> ? 0 : 4)];
}

template <class T>
struct converter<T, std::enable_if_t<is_integer<T>>> {
    static constexpr const char *wanted = "int";

    static PyObject *to_python(T value, const value_path &) noexcept {
        if constexpr (std::is_signed_v<T>)
            return PyLong_FromLongLong(value);
        else
            return PyLong_FromUnsignedLongLong(value);
    }

    static T from_python(PyObject *value, const value_path &where) {
        if (!PyLong_Check(value))
            return from_index(value, where);
        if constexpr (std::is_signed_v<T> || sizeof(T) < sizeof(long long)) {
            int overflow = 0;
            const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
            if (overflow != 0 || number < static_cast<long long>(std::numeric_limits<T>::min()) ||
                number > static_cast<long long>(std::numeric_limits<T>::max()))
                throw_does_not_fit(where, text_of_number(value), name_of_integer<T>());
            return static_cast<T>(number);
        } else {
            const unsigned long long number = PyLong_AsUnsignedLongLong(value);
            if (number == std::numeric_limits<unsigned long long>::max() &&
                PyErr_Occurred() != nullptr) {
                PyErr_Clear();
                throw_does_not_fit(where, text_of_number(value), name_of_integer<T>());
            }
            return number;
        }
    }

private:
    HOLDFAST_DETAIL_COLD static T from_index(PyObject *value, const value_path &where) {
        if (PyIndex_Check(value) == 0)
            throw_wrong_type(where, wanted, value);
        const owned number(PyNumber_Index(value));
        if (!number)
            throw_no_number(value, where, wanted);
        return from_python(number.get(), where);
    }
};

/// The float value of an object that is not a float, if it converts to one.
double double_from_other(PyObject *value, const value_path &where, const char *type);

template <>
struct converter<double> {
    static constexpr const char *wanted = "float";

    static PyObject *to_python(double value, const value_path &) noexcept {
        return PyFloat_FromDouble(value);
    }
    static double from_python(PyObject *value, const value_path &where) {
        return PyFloat_Check(value) ? PyFloat_AS_DOUBLE(value)
                                    : double_from_other(value, where, "double");
    }
};

/// Rounded to the nearest float; a finite value stays finite or is refused.
template <>
struct converter<float> {
    static constexpr const char *wanted = "float";

    static PyObject *to_python(float value, const value_path &) noexcept {
        return PyFloat_FromDouble(static_cast<double>(value));
    }
    static float from_python(PyObject *value, const value_path &where) {
        const double number = PyFloat_Check(value) ? PyFloat_AS_DOUBLE(value)
                                                   : double_from_other(value, where, "float");
        const auto rounded = static_cast<float>(number);
        if (std::isinf(rounded) && !std::isinf(number))
            throw_does_not_fit(where, text_of_number(value), "float");
        return rounded;
    }
};

/// Throws an error that names the value's place in place of the UnicodeError that is set; rethrows
/// other errors unchanged.
[[noreturn]] void throw_not_unicode(const value_path &where, const char *what, const char *remedy);

template <>
struct converter<std::string_view> {
    static constexpr const char *wanted = "str";

    static PyObject *to_python(std::string_view value, const value_path &where) {
        if (is_short_ascii(value))
            return from_ascii(value);
        PyObject *const text =
            PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), nullptr);
        if (text == nullptr)
            throw_not_unicode(where, "the string is not valid UTF-8 at byte ",
                              "pass UTF-8, or holdfast::bytes_view and let Python decode it");
        return text;
    }

    /// Points into the Python object, which must outlive it.
    static std::string_view from_python(PyObject *value, const value_path &where) {
        if (!PyUnicode_Check(value))
            throw_wrong_type(where, wanted, value);
        if (PyUnicode_IS_COMPACT_ASCII(value))  // its own bytes are UTF-8
            return {static_cast<const char *>(PyUnicode_DATA(value)),
                    static_cast<std::size_t>(PyUnicode_GET_LENGTH(value))};
        Py_ssize_t size = 0;
        const char *const data = PyUnicode_AsUTF8AndSize(value, &size);
        if (data == nullptr)
            throw_not_unicode(
                where, "the str cannot be encoded as UTF-8, because of a lone surrogate at index ",
                "encode it in Python, e.g. with os.fsencode(), and take holdfast::bytes");
        return {data, static_cast<std::size_t>(size)};
    }

private:
    static std::uint64_t word_at(std::string_view value, std::size_t at) noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, value.data() + at, sizeof word);
        return word;
    }

    /// Python's decoder takes longer to find this out than such a text takes to copy.
    static bool is_short_ascii(std::string_view value) noexcept {
        constexpr std::size_t longest = 64;
        constexpr std::size_t word = sizeof(std::uint64_t);
        if (value.size() < word || value.size() > longest)
            return false;
        std::uint64_t all = word_at(value, value.size() - word);
        for (std::size_t at = 0; at + word < value.size(); at += word)
            all |= word_at(value, at);
        return (all & 0x8080808080808080U) == 0;
    }

    static PyObject *from_ascii(std::string_view value) noexcept {
        PyObject *const text = PyUnicode_New(static_cast<Py_ssize_t>(value.size()), 0x7f);
        if (text != nullptr)
            std::memcpy(PyUnicode_1BYTE_DATA(text), value.data(), value.size());
        return text;
    }
};

template <>
struct converter<std::string> {
    static constexpr const char *wanted = "str";

    static PyObject *to_python(std::string_view value, const value_path &where) {
        return converter<std::string_view>::to_python(value, where);
    }
    static std::string from_python(PyObject *value, const value_path &where) {
        return std::string(converter<std::string_view>::from_python(value, where));
    }
};

template <>
struct converter<bytes_view> {
    static constexpr const char *wanted = "bytes";

    static PyObject *to_python(bytes_view value, const value_path &) noexcept {
        return PyBytes_FromStringAndSize(value.data, static_cast<Py_ssize_t>(value.size));
    }
    /// Points into the Python object, which must outlive it.
    static bytes_view from_python(PyObject *value, const value_path &where) {
        if (!PyBytes_Check(value))
            throw_wrong_type(where, wanted, value);
        return {PyBytes_AS_STRING(value), static_cast<std::size_t>(PyBytes_GET_SIZE(value))};
    }
};

template <>
struct converter<bytes> {
    static constexpr const char *wanted = "bytes";

    static PyObject *to_python(const bytes &value, const value_path &where) noexcept {
        return converter<bytes_view>::to_python(value, where);
    }
    static bytes from_python(PyObject *value, const value_path &where) {
        if (PyByteArray_Check(value)) {  // Python copies it first, because another thread may
                                         // resize it
            const owned copy = demand(PyBytes_FromObject(value));
            return from_python(copy.get(), where);
        }
        const bytes_view view = converter<bytes_view>::from_python(value, where);
        return {std::string(view.data, view.size)};
    }
};

template <>
struct converter<std::nullptr_t> {
    static constexpr const char *wanted = "None";

    static PyObject *to_python(std::nullptr_t, const value_path &) noexcept { Py_RETURN_NONE; }
    static std::nullptr_t from_python(PyObject *value, const value_path &where) {
        if (value != Py_None)
            throw_wrong_type(where, wanted, value);
        return nullptr;
    }
};

template <>
struct converter<object> {
    static constexpr const char *wanted = "an object";

    static PyObject *to_python(const object &value, const value_path &where) {
        if (!value)
            throw_wrong_type(where, wanted, "an empty holdfast::object");
        const interpreter_ref home = value.view().ref();
        if (home.record != nullptr && !is_at_home(home) && gone(home) == closed_reason::none)
            throw usage_error("HF408", where.text() + ": the object belongs to another interpreter",
                              "pass plain values between interpreters, e.g. str, numbers or bytes");
        PyObject *const pointer = value.get();
        Py_INCREF(pointer);
        return pointer;
    }
    static object from_python(PyObject *value, const value_path &) { return object::borrow(value); }
};

template <>
struct converter<PyObject *> {
    static constexpr const char *wanted = "an object";

    static PyObject *to_python(PyObject *value, const value_path &where) {
        if (value == nullptr)
            throw_wrong_type(where, wanted, "a null PyObject *");
        Py_INCREF(value);
        return value;
    }
};

template <>
struct converter<void> {
    static void from_python(PyObject *, const value_path &) noexcept {}
};

template <class T>
using plain = std::remove_cv_t<std::remove_reference_t<T>>;

/// The C++ value of an object that it may outlive.
template <class T>
HOLDFAST_REQUIRES_ATTACHED T owned_from_python(PyObject *value, const value_path &where) {
    static_assert(!is_view<T>, "take what owns its data, e.g. std::string");
    return converter<T>::from_python(value, where);
}

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/convert.ipp>
#endif
