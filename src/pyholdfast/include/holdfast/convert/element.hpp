// holdfast/convert/element.hpp: the element types of arrays, in C++ and in the buffer protocol.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace holdfast::detail {

/// A kind of number and its size; numpy calls it a dtype.
struct element {
    char kind;  // b, i, u, f, c: bool, signed, unsigned, float, complex; 0: something else
    std::size_t size;

    friend bool operator==(element a, element b) noexcept {
        return a.kind == b.kind && a.size == b.size;
    }

    /// numpy's name for it: "float64".
    [[nodiscard]] std::string name() const {
        const std::string bits = std::to_string(size * 8);
        switch (kind) {
        case 'b':
            return "bool";
        case 'i':
            return "int" + bits;
        case 'u':
            return "uint" + bits;
        case 'f':
            return "float" + bits;
        case 'c':
            return "complex" + bits;
        default:
            return "something of " + std::to_string(size) + " bytes";
        }
    }
};

/// Detects std::complex without its header.
template <class T, class = void>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool
    is_complex<T, std::void_t<typename T::value_type, decltype(std::declval<const T &>().real()),
                              decltype(std::declval<const T &>().imag())>> =
        std::is_floating_point_v<typename T::value_type> &&
        sizeof(T) == 2 * sizeof(typename T::value_type);

template <class T>
constexpr element element_of() noexcept {
    static_assert(std::is_arithmetic_v<T> || is_complex<T> || std::is_same_v<T, std::byte>,
                  "arrays hold numbers: integers, floats, bool, std::complex");
    if constexpr (std::is_same_v<T, bool>)
        return {'b', sizeof(T)};
    else if constexpr (std::is_floating_point_v<T>)
        return {'f', sizeof(T)};
    else if constexpr (is_complex<T>)
        return {'c', sizeof(T)};
    else if constexpr (std::is_same_v<T, std::byte>)
        return {'u', sizeof(T)};
    else
        return {std::is_signed_v<T> ? 'i' : 'u', sizeof(T)};
}

/// The buffer protocol's format for T, in native order and size.
template <class T>
constexpr const char *format_of() noexcept {
    constexpr element is = element_of<T>();
    constexpr int width = is.size == 1 ? 0 : is.size == 2 ? 1 : is.size == 4 ? 2 : 3;
    constexpr const char *signed_ones[] = {"b", "h", "i", "q"};
    constexpr const char *unsigned_ones[] = {"B", "H", "I", "Q"};
    if constexpr (is.kind == 'b')
        return "?";
    else if constexpr (is.kind == 'i')
        return signed_ones[width];
    else if constexpr (is.kind == 'u')
        return unsigned_ones[width];
    else if constexpr (is.kind == 'f')
        return is.size == 4 ? "f" : is.size == 8 ? "d" : "g";
    else
        return is.size == 8 ? "Zf" : is.size == 16 ? "Zd" : "Zg";
}

/// The element type of a buffer-protocol format; kind 0 for structures and for the other byte
/// order.
inline element element_of_format(const char *format, std::size_t size) noexcept {
    constexpr bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    if (format == nullptr)
        return {'u', size};  // no format means plain bytes
    if (*format == '@' || *format == '=' || *format == (little ? '<' : '>') ||
        (!little && *format == '!') ||
        (size == 1 && (*format == '<' || *format == '>' || *format == '!')))
        ++format;
    const bool complex = *format == 'Z';
    format += complex ? 1 : 0;
    if (*format == '\0' || format[1] != '\0')
        return {0, size};
    switch (*format) {
    case '?':
        return {complex ? '\0' : 'b', size};
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n':
        return {complex ? '\0' : 'i', size};
    case 'c':
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
    case 'N':
        return {complex ? '\0' : 'u', size};
    case 'e':
    case 'f':
    case 'd':
    case 'g':
        return {complex ? 'c' : 'f', size};
    default:
        return {0, size};
    }
}

/// "(3, 4)", or "(3,)" for one dimension, as Python writes it.
inline std::string text_of_shape(const Py_ssize_t *first, int count) {
    std::string all = "(";
    for (int i = 0; i < count; ++i)
        all += (i == 0 ? "" : ", ") + std::to_string(first[i]);
    return all + (count == 1 ? ",)" : ")");
}

}  // namespace holdfast::detail
