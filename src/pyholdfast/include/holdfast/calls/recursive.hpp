// holdfast/calls/recursive.hpp: type aliases that contain themselves, as structs.
//
// A generated header turns  Json = dict[str, "Json"] | list["Json"] | str | int | None  into:
//
//   struct Json : holdfast::recursive<
//                     std::optional<std::variant<std::map<std::string, Json>, std::vector<Json>, ...>>> {
//       using recursive::recursive;
//   };
//
//   Json json = std::map<std::string, Json>{{"price", 1.5}, {"tags", std::vector<Json>{"a", "b"}}};
//   if (const auto *items = json.get_if<std::vector<Json>>()) ...
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <holdfast/calls/record.hpp>
#include <holdfast/convert/containers.hpp>
#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/nesting.hpp>
#include <holdfast/convert/variant.hpp>

namespace holdfast {

template <class Value>
struct recursive;

namespace detail {

struct recursive_base {};

/// Whether a U can make such a value. The struct itself is copied, and nullptr is not text: use
/// std::nullopt.
template <class Value, class U,
          bool = std::is_base_of_v<recursive<Value>, U> || std::is_same_v<U, std::nullptr_t>>
inline constexpr bool wraps = std::is_constructible_v<Value, U>;
template <class Value, class U>
inline constexpr bool wraps<Value, U, true> = false;

}  // namespace detail

/// The base of such a struct. Value is the type that the alias stands for; the struct may be
/// incomplete in it.
///
/// Owns everything in it, at all levels; copies are deep. It may have as many levels as boxed.
template <class Value>
struct recursive : detail::recursive_base {
    using value_type = Value;

    Value value{};

    recursive() = default;
    template <class U, std::enable_if_t<detail::wraps<Value, std::decay_t<U>>, int> = 0>
    recursive(U &&from) : value(std::forward<U>(from)) {}

    /// The contents, if they are currently a T; else null.
    template <class T>
    [[nodiscard]] const T *get_if() const noexcept {
        return find<T>(value);
    }
    template <class T>
    [[nodiscard]] T *get_if() noexcept {
        return const_cast<T *>(std::as_const(*this).template get_if<T>());
    }

private:
    template <class T, class Inner>
    static const T *find(const Inner &inner) noexcept {
        if constexpr (std::is_same_v<T, Inner>)
            return &inner;
        else
            return std::get_if<T>(&inner);
    }
    template <class T, class Inner>
    static const T *find(const std::optional<Inner> &inner) noexcept {
        return inner ? find<T, Inner>(*inner) : nullptr;
    }
};

namespace detail {

template <class T>
struct converter<T, std::enable_if_t<std::is_class_v<T> && std::is_base_of_v<recursive_base, T>>> {
    using inner = converter<typename T::value_type>;
    static constexpr const char *wanted = inner::wanted;

    static PyObject *to_python(const T &value, const value_path &where) {
        const nesting deeper(where);
        return inner::to_python(value.value, where);
    }
    static T from_python(PyObject *value, const value_path &where) {
        const nesting deeper(where);
        T result;
        result.value = owned_from_python<typename T::value_type>(value, where);
        return result;
    }
};

}  // namespace detail

}  // namespace holdfast
