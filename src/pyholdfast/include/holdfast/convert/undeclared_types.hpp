// holdfast/convert/undeclared_types.hpp: std::filesystem::path and std::complex by what they have.
//
// A specialisation for these types by name would need their headers, and every host would compile
// them. <filesystem> takes longer than Python.h.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

namespace holdfast::detail {

/// std::filesystem::path.
template <class T>
using if_path =
    std::enable_if_t<std::is_same_v<decltype(std::declval<const T &>().lexically_normal()), T> &&
                     std::is_same_v<decltype(std::declval<const T &>().string()), std::string>>;

/// std::complex<Part>.
template <class T, class Part>
using if_complex =
    std::enable_if_t<std::is_same_v<decltype(std::declval<const T &>().imag()), Part> &&
                     std::is_constructible_v<T, Part, Part>>;

}  // namespace holdfast::detail
