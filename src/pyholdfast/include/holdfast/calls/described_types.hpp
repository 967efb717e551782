// holdfast/calls/described_types.hpp: which types of the host a generated header describes.
//
// Does not use CPython. The descriptions are defined in calls/record.hpp and calls/enumeration.hpp.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <string>
#include <type_traits>

#include <holdfast/platform/attributes.hpp>

namespace holdfast {

template <class T>
struct record;
template <class T>
struct enumeration;
template <class T>
struct literal;

namespace detail {

template <class T, class = void>
inline constexpr bool is_record = false;
template <class T>
inline constexpr bool is_record<T, std::void_t<decltype(record<T>::fields)>> = true;

template <class T, class = void>
inline constexpr bool is_enumeration = false;
template <class T>
inline constexpr bool is_enumeration<T, std::void_t<decltype(enumeration<T>::members)>> = true;

template <class T, class = void>
inline constexpr bool is_literal = false;
template <class T>
inline constexpr bool is_literal<T, std::void_t<decltype(literal<T>::texts)>> = true;

/// For messages: "one of 'left', 'right'".
template <class T>
HOLDFAST_DETAIL_COLD std::string all_texts() {
    std::string all;
    for (const auto &one : literal<T>::texts)
        all += (all.empty() ? "one of " : ", ") + one.text();
    return all;
}

}  // namespace detail

}  // namespace holdfast
