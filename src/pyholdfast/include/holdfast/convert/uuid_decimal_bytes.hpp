// holdfast/convert/uuid_decimal_bytes.hpp: UUIDs, decimals and byte arrays.
//
// The table:
//
//   C++            Python, to         Python, from
//   uuid           uuid.UUID          uuid.UUID
//   decimal        decimal.Decimal    decimal.Decimal, int
//   byte_array     bytearray          bytearray, bytes
//
// The classes are looked up once per interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast {

/// The 16 bytes of a UUID, most significant first.
struct uuid {
    std::array<std::uint8_t, 16> bytes{};

    /// "01234567-89ab-cdef-0123-456789abcdef"
    [[nodiscard]] std::string text() const {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string all;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (i == 4 || i == 6 || i == 8 || i == 10)
                all += '-';
            all += digits[bytes[i] >> 4U];
            all += digits[bytes[i] & 15U];
        }
        return all;
    }

    friend bool operator==(const uuid &a, const uuid &b) noexcept { return a.bytes == b.bytes; }
    friend bool operator!=(const uuid &a, const uuid &b) noexcept { return !(a == b); }
    friend bool operator<(const uuid &a, const uuid &b) noexcept { return a.bytes < b.bytes; }
};

/// A decimal number as text, such as "-12.50" or "1E+3", because C++ has no type for it. No digit
/// is lost in either direction.
struct decimal {
    std::string text = "0";

    friend bool operator==(const decimal &a, const decimal &b) noexcept { return a.text == b.text; }
    friend bool operator!=(const decimal &a, const decimal &b) noexcept { return !(a == b); }
    friend bool operator<(const decimal &a, const decimal &b) noexcept {
        return a.text < b.text;
    }  // as text
};

/// The bytes of a Python bytearray, owned: a copy that does not follow Python's changes.
struct byte_array {
    std::string data;

    friend bool operator==(const byte_array &a, const byte_array &b) noexcept {
        return a.data == b.data;
    }
    friend bool operator!=(const byte_array &a, const byte_array &b) noexcept { return !(a == b); }
};

namespace detail {

/// The converter's Python class; each interpreter has its own.
inline PyObject *uuid_class() {
    static lookup_cache cache;
    static constexpr callee type{"", "uuid", "UUID", "()"};
    return cache.find(attached_ref(), type, 0).callable;
}
inline PyObject *decimal_class() {
    static lookup_cache cache;
    static constexpr callee type{"", "decimal", "Decimal", "()"};
    return cache.find(attached_ref(), type, 0).callable;
}

inline bool is_instance(PyObject *value, PyObject *type) {
    const int is = PyObject_IsInstance(value, type);
    if (is < 0)
        throw_python_error();
    return is != 0;
}

template <>
struct converter<uuid> {
    static constexpr const char *wanted = "uuid.UUID";

    static PyObject *to_python(const uuid &value, const value_path &) {
        PyObject *const type = uuid_class();
        const owned raw(
            PyBytes_FromStringAndSize(reinterpret_cast<const char *>(value.bytes.data()),
                                      static_cast<Py_ssize_t>(value.bytes.size())));
        return raw ? PyObject_CallFunctionObjArgs(type, Py_None, raw.get(), nullptr) : nullptr;
    }

    static uuid from_python(PyObject *value, const value_path &where) {
        if (!is_instance(value, uuid_class()))
            throw_wrong_type(where, wanted, value);
        const owned raw = demand(PyObject_GetAttrString(value, "bytes"));
        uuid result;
        if (!PyBytes_Check(raw.get()) || PyBytes_GET_SIZE(raw.get()) != 16)
            throw_wrong_type(where, wanted, value);
        std::copy_n(reinterpret_cast<const std::uint8_t *>(PyBytes_AS_STRING(raw.get())), 16,
                    result.bytes.begin());
        return result;
    }
};

template <>
struct converter<decimal> {
    static constexpr const char *wanted = "decimal.Decimal";

    static PyObject *to_python(const decimal &value, const value_path &where) {
        PyObject *const type = decimal_class();
        const owned text(converter<std::string_view>::to_python(value.text, where));
        PyObject *const made = text ? PyObject_CallOneArg(type, text.get()) : nullptr;
        if (made == nullptr && PyErr_ExceptionMatches(PyExc_ArithmeticError) != 0) {
            PyErr_Clear();
            throw_wrong_type(where, wanted, "the text '" + value.text + '\'');
        }
        return made;
    }

    static decimal from_python(PyObject *value, const value_path &where) {
        if (!is_instance(value, decimal_class()) && (!PyLong_Check(value) || PyBool_Check(value)))
            throw_wrong_type(where, wanted, value);
        // Not str(): a class derived from int or Decimal may have one of its own.
        return {utf8_of(demand(PyLong_Check(value)
                                   ? PyNumber_ToBase(value, 10)
                                   : PyObject_CallMethod(decimal_class(), "__str__", "O", value))
                            .get())};
    }
};

template <>
struct converter<byte_array> {
    static constexpr const char *wanted = "bytearray";

    static PyObject *to_python(const byte_array &value, const value_path &) noexcept {
        return PyByteArray_FromStringAndSize(value.data.data(),
                                             static_cast<Py_ssize_t>(value.data.size()));
    }
    static byte_array from_python(PyObject *value, const value_path &where) {
        if (!PyByteArray_Check(value) && !PyBytes_Check(value))
            throw_wrong_type(where, wanted, value);
        return {converter<bytes>::from_python(value, where).data};
    }
};

}  // namespace detail

}  // namespace holdfast
