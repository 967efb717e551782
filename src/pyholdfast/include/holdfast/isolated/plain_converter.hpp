// holdfast/isolated/plain_converter.hpp: single values between C++ and the pickles of a worker.
//
// The conversions are those of convert/convert.hpp. A worker turns its results into plain values
// first (worker_program.hpp), so the same Python types are accepted here. Nothing here uses
// CPython: the host need not run Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include <holdfast/calls/argument_type.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/isolated/pickle_writer.hpp>
#include <holdfast/isolated/plain_value.hpp>

namespace holdfast::detail {

[[noreturn]] void throw_wrong_plain(const value_path &where, const char *wanted,
                                    const plain_value &found);

/// The text of a str, valid UTF-8.
std::string_view text_of(const plain_value &value, const value_path &where, const char *wanted);

/// Throws HF401 if an argument's text is not valid UTF-8.
void demand_unicode(std::string_view value, const value_path &where);

double double_of(const plain_value &value, const value_path &where, const char *type);

/// The decimal digits of an integer, or its size.
std::string text_of_integer(const plain_value &value);

/// The plain value that an enum of Python stands for, if its class derives from int or str.
const plain_value &without_enum(const plain_value &value) noexcept;

/// The conversion of T to and from a worker, like converter<T>.
///
///   write(to, value, where)   appends the value; or throws conversion_error
///   read(value, where)        the C++ value
template <class T, class = void>
struct plain_converter {
    static_assert(!std::is_same_v<T, object> && !std::is_same_v<T, PyObject *>,
                  "a Python object cannot cross to another process: take and return plain values");
    static_assert(std::is_same_v<T, object> || std::is_same_v<T, PyObject *> || dependent_false<T>,
                  "this type cannot be passed to or from a worker process: use the types of "
                  "convert.hpp and of generated headers");
};

template <>
struct plain_converter<void> {
    static void read(const plain_value &, const value_path &) noexcept {}
};

template <>
struct plain_converter<bool> {
    static void write(pickle_writer &to, bool value, const value_path &) { to.boolean(value); }
    static bool read(const plain_value &value, const value_path &where) {
        if (value.what != plain_value::kind::boolean)
            throw_wrong_plain(where, "bool", value);
        return value.truth;
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<is_integer<T>>> {
    static void write(pickle_writer &to, T value, const value_path &) {
        if constexpr (std::is_signed_v<T>)
            to.integer(value);
        else
            to.unsigned_integer(value);
    }

    static T read(const plain_value &given, const value_path &where) {
        using limits = std::numeric_limits<T>;
        const plain_value &value = without_enum(given);
        if (value.what == plain_value::kind::boolean)
            return static_cast<T>(value.truth ? 1 : 0);
        if (value.what == plain_value::kind::integer) {
            const std::int64_t number = value.integer;
            if (std::is_signed_v<T> ? number >= static_cast<std::int64_t>(limits::min()) &&
                                          number <= static_cast<std::int64_t>(limits::max())
                                    : number >= 0 && static_cast<std::uint64_t>(number) <=
                                                         static_cast<std::uint64_t>(limits::max()))
                return static_cast<T>(number);
        } else if (value.what != plain_value::kind::large_integer) {
            throw_wrong_plain(where, "int", given);
        } else if (std::is_unsigned_v<T> && sizeof(T) == 8 && value.text.size() == 9 &&
                   value.text[8] == '\0') {
            std::uint64_t bits = 0;
            for (std::size_t i = 8; i-- > 0;)
                bits = bits << 8U | static_cast<unsigned char>(value.text[i]);
            return static_cast<T>(bits);
        }
        throw_does_not_fit(where, text_of_integer(value), name_of_integer<T>());
    }
};

template <>
struct plain_converter<double> {
    static void write(pickle_writer &to, double value, const value_path &) { to.real(value); }
    static double read(const plain_value &value, const value_path &where) {
        return value.what == plain_value::kind::real ? value.real
                                                     : double_of(value, where, "double");
    }
};

template <>
struct plain_converter<float> {
    static void write(pickle_writer &to, float value, const value_path &) {
        to.real(static_cast<double>(value));
    }
    static float read(const plain_value &value, const value_path &where) {
        const double number = double_of(value, where, "float");
        const auto rounded = static_cast<float>(number);
        if (std::isinf(rounded) && !std::isinf(number))
            throw_does_not_fit(where, std::to_string(number), "float");
        return rounded;
    }
};

template <>
struct plain_converter<std::string_view> {
    static void write(pickle_writer &to, std::string_view value, const value_path &where) {
        demand_unicode(value, where);
        to.text(value);
    }
};

template <>
struct plain_converter<std::string> : plain_converter<std::string_view> {
    static std::string read(const plain_value &value, const value_path &where) {
        return std::string(text_of(value, where, "str"));
    }
};

template <>
struct plain_converter<bytes_view> {
    static void write(pickle_writer &to, bytes_view value, const value_path &) {
        to.bytes({value.data, value.size});
    }
};

template <>
struct plain_converter<bytes> {
    static void write(pickle_writer &to, const bytes &value, const value_path &) {
        to.bytes(value.data);
    }
    static bytes read(const plain_value &value, const value_path &where) {
        if (value.what != plain_value::kind::bytes)
            throw_wrong_plain(where, "bytes", value);
        return {std::string(value.text)};
    }
};

template <>
struct plain_converter<std::nullptr_t> {
    static void write(pickle_writer &to, std::nullptr_t, const value_path &) { to.none(); }
    static std::nullptr_t read(const plain_value &value, const value_path &where) {
        if (value.what != plain_value::kind::none)
            throw_wrong_plain(where, "None", value);
        return nullptr;
    }
};

/// Appends an argument for a parameter T.
template <class T, class Given>
void write_argument(pickle_writer &to, const Given &given, const value_path &where) {
    if constexpr (is_defaulted<T> || is_exact<T>)
        write_argument<typename value_type<T>::type>(to, given.value(), where);
    else if constexpr (is_integer<T>)
        plain_converter<T>::write(to, given.checked(where), where);
    else if constexpr (std::is_same_v<T, bool>)
        to.boolean(given.value());
    else
        plain_converter<T>::write(to, given, where);
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/plain_converter.ipp>
#endif
