// holdfast/calls/argument_type.hpp: the parameter types of a typed function.
//
// C++ would silently narrow an argument to the parameter's type before any check of ours. So an
// integer parameter accepts any integer type and checks the value during the conversion. An
// argument that is not an integer, or not a bool, does not compile where one is wanted.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <holdfast/convert/convert.hpp>

namespace holdfast {

/// In a signature: a parameter with a default in Python, which the caller may leave out.
///
/// At the end of a call, simply leave it out. Before other arguments, pass use_default; those must
/// then be passed by name (see function).
template <class T>
struct defaulted {};

/// In one of several signatures: accepts only a bool for a bool, only a floating-point number for a
/// double, and only other numbers for an integer. Without it, C++ finds the call ambiguous or
/// selects the wrong signature.
template <class T>
struct exact {};

struct use_default_t {};
/// Leaves a defaulted parameter to Python's default.
inline constexpr use_default_t use_default{};

namespace detail {

/// The type of the number that a class such as std::atomic<int> stands for; void: that is not clear.
template <class Given, class = void>
struct number_of {
    using type = void;
};
template <class Given>
struct number_of<Given, std::void_t<decltype(+std::declval<const Given &>())>> {
    using type = decltype(+std::declval<const Given &>());
};

template <class T>
inline constexpr bool is_wide_integer = std::is_integral_v<T> && !has_integer_size<T>;

/// Whether a T can be made without narrowing.
template <class T, class Given, class = void>
inline constexpr bool makes_exactly = false;
template <class T, class Given>
inline constexpr bool
    makes_exactly<T, Given, std::void_t<decltype(T{std::declval<const Given &>()})>> = true;

/// Whether a class is accepted for an integer, and as the number that it stands for.
template <class T, class Given, class Number = typename number_of<Given>::type>
inline constexpr bool stands_for_integer =
    std::is_class_v<Given> && std::is_convertible_v<Given, T> && std::is_integral_v<Number> &&
    !is_wide_integer<Number>;
template <class T, class Given>
inline constexpr bool makes_integer =
    std::is_class_v<Given> && !std::is_arithmetic_v<typename number_of<Given>::type> &&
    makes_exactly<T, Given>;

/// An integer of any type, for a parameter of type T.
template <class T>
class integer_parameter {
public:
    template <
        class Given,
        std::enable_if_t<(std::is_integral_v<Given> && !is_wide_integer<Given>) ||
                             (std::is_enum_v<Given> && std::is_convertible_v<Given, long long>),
                         int> = 0>
    constexpr integer_parameter(Given given) noexcept
        : bits_(static_cast<unsigned long long>(given)), negative_(is_negative(given)) {}

    /// For example std::atomic<int>.
    template <class Given, std::enable_if_t<stands_for_integer<T, Given>, int> = 0>
    constexpr integer_parameter(const Given &given) : integer_parameter(+given) {}
    template <class Given, std::enable_if_t<makes_integer<T, Given>, int> = 0, class = void>
    constexpr integer_parameter(const Given &given) : integer_parameter(T{given}) {}

    template <class Given, std::enable_if_t<std::is_floating_point_v<Given>, int> = 0>
    integer_parameter(Given) = delete;  // a float is not an integer: round it, and say how
    template <class Given, std::enable_if_t<is_wide_integer<Given>, int> = 0, class = void>
    integer_parameter(Given) = delete;  // no parameter has more than 64 bits

    /// The number, checked. Uses no CPython.
    [[nodiscard]] T checked(const value_path &where) const {
        if (!fits())
            throw_does_not_fit(
                where,
                negative_ ? std::to_string(static_cast<long long>(bits_)) : std::to_string(bits_),
                name_of_integer<T>());
        return static_cast<T>(bits_);
    }

    [[nodiscard]] PyObject *to_python(const value_path &where) const {
        return converter<T>::to_python(checked(where), where);
    }

private:
    template <class Given>
    static constexpr bool is_negative(Given given) noexcept {
        if constexpr (std::is_enum_v<Given>)
            return is_negative(static_cast<std::underlying_type_t<Given>>(given));
        else if constexpr (std::is_signed_v<Given>)
            return given < 0;
        else
            return false;
    }

    [[nodiscard]] constexpr bool fits() const noexcept {
        using limits = std::numeric_limits<T>;
        if (negative_)
            return std::is_signed_v<T> &&
                   static_cast<long long>(bits_) >= static_cast<long long>(limits::min());
        return bits_ <= static_cast<unsigned long long>(limits::max());
    }

    unsigned long long bits_;
    bool negative_;
};

/// A bool, and nothing else that C++ would convert to one.
class bool_parameter {
public:
    constexpr bool_parameter(bool given) noexcept : value_(given) {}
    template <class Given,
              std::enable_if_t<!std::is_same_v<Given, bool> &&
                                   (std::is_arithmetic_v<Given> || std::is_pointer_v<Given>),
                               int> = 0>
    bool_parameter(Given) = delete;  // compare it with something

    [[nodiscard]] bool value() const noexcept { return value_; }

    [[nodiscard]] PyObject *to_python(const value_path &where) const noexcept {
        return converter<bool>::to_python(value_, where);
    }

private:
    bool value_;
};

/// Whether an exact<T> accepts a number of this type.
template <class T, class Given>
inline constexpr bool is_same_kind =
    std::is_same_v<T, bool> ? std::is_same_v<Given, bool>
    : std::is_floating_point_v<T>
        ? std::is_floating_point_v<Given>
        : (std::is_integral_v<Given> && !std::is_same_v<Given, bool>) ||
              (std::is_enum_v<Given> && std::is_convertible_v<Given, long long>);

/// The type that function::operator() accepts for a T in its signature.
template <class T, class = void>
struct parameter {
    using type = const T &;
};
template <class T>
struct parameter<T, std::enable_if_t<is_integer<T>>> {
    using type = integer_parameter<T>;
};
template <class T>
struct parameter<T, std::enable_if_t<std::is_floating_point_v<T> || is_view<T> ||
                                     std::is_same_v<T, std::nullptr_t>>> {
    using type = T;
};
template <>
struct parameter<bool> {
    using type = bool_parameter;
};
template <>
struct parameter<std::string> {
    using type = std::string_view;  // a literal costs no allocation
};

/// A number of the same kind, passed on.
template <class T>
class exact_parameter {
public:
    using taken = typename parameter<T>::type;

    template <class Given, std::enable_if_t<is_same_kind<T, Given>, int> = 0>
    constexpr exact_parameter(Given given) noexcept : value_(taken_from(given)) {}

    [[nodiscard]] const taken &value() const noexcept { return value_; }

private:
    template <class Given>
    static constexpr taken taken_from(Given given) noexcept {
        if constexpr (std::is_floating_point_v<T>)
            return static_cast<T>(given);
        else
            return taken(given);
    }

    taken value_;
};
template <class T>
struct parameter<exact<T>> {
    using type = exact_parameter<T>;
};

/// A value for a defaulted parameter, or none.
template <class T>
class defaulted_parameter {
public:
    using taken = plain<typename parameter<T>::type>;

    defaulted_parameter(use_default_t) noexcept {}
    template <class Given, std::enable_if_t<std::is_convertible_v<Given, taken> &&
                                                !std::is_same_v<plain<Given>, use_default_t>,
                                            int> = 0>
    defaulted_parameter(Given &&given) : value_(taken(std::forward<Given>(given))) {}

    [[nodiscard]] bool is_given() const noexcept { return value_.has_value(); }
    [[nodiscard]] const taken &value() const noexcept { return *value_; }

private:
    std::optional<taken> value_;
};
template <class T>
struct parameter<defaulted<T>> {
    using type = defaulted_parameter<plain<T>>;
};

template <class T>
using parameter_t = typename parameter<plain<T>>::type;

template <class T>
inline constexpr bool is_defaulted = false;
template <class T>
inline constexpr bool is_defaulted<defaulted<T>> = true;

template <class T>
inline constexpr bool is_exact = false;
template <class T>
inline constexpr bool is_exact<exact<T>> = true;

/// The type in `defaulted<T>`, once there is a value, and in `exact<T>`.
template <class T>
struct value_type {
    using type = T;
};
template <class T>
struct value_type<defaulted<T>> {
    using type = plain<T>;
};
template <class T>
struct value_type<exact<T>> {
    using type = T;
};

/// A new reference to the Python value of an argument for a parameter T; null with an error set, or
/// throws.
template <class T, class Given>
PyObject *argument_to_python(const Given &given, const value_path &where) {
    if constexpr (is_defaulted<T> || is_exact<T>)
        return argument_to_python<typename value_type<T>::type>(given.value(), where);
    else if constexpr (is_integer<T> || std::is_same_v<T, bool>)
        return given.to_python(where);
    else
        return converter<T>::to_python(given, where);
}

template <class Given>
bool is_given(const Given &) noexcept {
    return true;
}
template <class T>
bool is_given(const defaulted_parameter<T> &argument) noexcept {
    return argument.is_given();
}

/// The type that an argument is converted as when there is no signature.
template <class T>
using natural_t = std::conditional_t<std::is_convertible_v<const T &, const char *> &&
                                         !std::is_same_v<plain<T>, std::nullptr_t>,  // None
                                     std::string_view, plain<T>>;

}  // namespace detail

}  // namespace holdfast
