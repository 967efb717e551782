// arguments.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Defaults, and arguments by position and by name.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::arguments::expected_ {
inline constexpr auto plain = holdfast::detail::expect(
    "08bf3029a343b8d1",
    "def plain(a: int, b: int) -> int");
inline constexpr auto with_defaults = holdfast::detail::expect(
    "87222ffd708ba220",
    "def with_defaults(text: str, limit: int = 10, strict: bool = False) -> str");
inline constexpr auto keyword_only = holdfast::detail::expect(
    "1ddf43037932a3c6",
    "def keyword_only(a: int, *, b: int, c: int = 3) -> int");
inline constexpr auto required_after_default = holdfast::detail::expect(
    "977f00cc3362e879",
    "def required_after_default(a: int = 1, *, c: int = 3, b: int) -> int");
inline constexpr auto position_only = holdfast::detail::expect(
    "4b98a45b9322a2d6",
    "def position_only(a: int, /, b: int = 2) -> int");
inline constexpr auto position_only_defaults = holdfast::detail::expect(
    "27b0ee5874555166",
    "def position_only_defaults(a: int = 1, b: int = 2, /) -> int");
inline constexpr auto optional = holdfast::detail::expect(
    "d2f8f7ccabbf7776",
    "def optional(limit: int | None = None, name: str | None = 'x') -> str");
inline constexpr auto computed = holdfast::detail::expect(
    "a7bfdc07fd52dd51",
    "def computed(stamp: float = float('inf'), items: tuple[int, ...] = (1, 2)) -> float");
inline constexpr auto unhinted = holdfast::detail::expect("ffc6435ee96d714c", "def unhinted(a, b=1)");
inline constexpr auto reserved = holdfast::detail::expect(
    "9f581fcf2ad3a7db",
    "def reserved(new: int, default: int = 5, *, operator: int = 6, class_: int = 7) -> int");
}  // namespace corpus::arguments::expected_

namespace corpus::arguments {

/// By position.
///
///     def plain(a: int, b: int) -> int
inline const holdfast::function<std::int64_t(std::int64_t, std::int64_t)>
    plain{"corpus.arguments", "plain", &::corpus::arguments::expected_::plain};

/// The last ones may be left out.
///
///     def with_defaults(text: str, limit: int = 10, strict: bool = False) -> str
inline const holdfast::function<std::string(
    std::string_view,
    holdfast::defaulted<std::int64_t>,
    holdfast::defaulted<bool>)>
    with_defaults{"corpus.arguments", "with_defaults", {"limit", "strict"}, &::corpus::arguments::expected_::with_defaults};

/// By name.
///
///     def keyword_only(a: int, *, b: int, c: int = 3) -> int
inline const holdfast::function<std::int64_t(std::int64_t, std::int64_t, holdfast::defaulted<std::int64_t>)>
    keyword_only{"corpus.arguments", "keyword_only", {"b", "c"}, &::corpus::arguments::expected_::keyword_only};

/// What has no default comes first in C++, where the order means nothing to Python.
///
///     def required_after_default(a: int = 1, *, c: int = 3, b: int) -> int
inline const holdfast::function<std::int64_t(
    holdfast::defaulted<std::int64_t>,
    std::int64_t,
    holdfast::defaulted<std::int64_t>)>
    required_after_default{"corpus.arguments", "required_after_default", {"a", "b", "c"}, &::corpus::arguments::expected_::required_after_default};

/// The first has no name.
///
///     def position_only(a: int, /, b: int = 2) -> int
inline const holdfast::function<std::int64_t(std::int64_t, holdfast::defaulted<std::int64_t>)>
    position_only{"corpus.arguments", "position_only", {"b"}, &::corpus::arguments::expected_::position_only};

/// Can be left out from the end.
///
///     def position_only_defaults(a: int = 1, b: int = 2, /) -> int
inline const holdfast::function<std::int64_t(
    holdfast::defaulted<std::int64_t>,
    holdfast::defaulted<std::int64_t>)>
    position_only_defaults{"corpus.arguments", "position_only_defaults", &::corpus::arguments::expected_::position_only_defaults};

/// None, and left out, are two things.
///
///     def optional(limit: int | None = None, name: str | None = 'x') -> str
inline const holdfast::function<std::string(
    holdfast::defaulted<std::optional<std::int64_t>>,
    holdfast::defaulted<std::optional<std::string>>)>
    optional{"corpus.arguments", "optional", {"limit", "name"}, &::corpus::arguments::expected_::optional};

/// Defaults that only Python knows.
///
///     def computed(stamp: float = float('inf'), items: tuple[int, ...] = (1, 2)) -> float
inline const holdfast::function<double(
    holdfast::defaulted<double>,
    holdfast::defaulted<holdfast::variadic_tuple<std::int64_t>>)>
    computed{"corpus.arguments", "computed", {"stamp", "items"}, &::corpus::arguments::expected_::computed};

/// Without hints there are objects.
///
///     def unhinted(a, b=1)
inline const holdfast::function<holdfast::object(holdfast::object, holdfast::defaulted<holdfast::object>)>
    unhinted{"corpus.arguments", "unhinted", {"b"}, &::corpus::arguments::expected_::unhinted};

/// Names that mean something to C++.
///
///     def reserved(new: int, default: int = 5, *, operator: int = 6, class_: int = 7) -> int
inline const holdfast::function<std::int64_t(
    std::int64_t,
    holdfast::defaulted<std::int64_t>,
    holdfast::defaulted<std::int64_t>,
    holdfast::defaulted<std::int64_t>)>
    reserved{"corpus.arguments", "reserved", {"default", "operator", "class_"}, &::corpus::arguments::expected_::reserved};

}  // namespace corpus::arguments
// clang-format on
