// unmapped.py, for C++: made by `holdfast bind`. Edits are lost.
//
// What has no equal in C++, in all the places where it can be.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::unmapped::expected_ {
inline constexpr auto match = holdfast::detail::expect(
    "bb8251e38da39cfa",
    "def match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None");
inline constexpr auto fractions = holdfast::detail::expect(
    "b2d84955c6d88937",
    "def fractions(values: list[Fraction]) -> dict[str, Fraction]");
inline constexpr auto keys = holdfast::detail::expect(
    "5b896b23f6f227e0",
    "def keys(table: dict[Any, int]) -> set[Any]");
inline constexpr auto first = holdfast::detail::expect(
    "fc1399c5f4c1f0f6",
    "def first(values: Sequence[T]) -> T");
inline constexpr auto number = holdfast::detail::expect(
    "6ee276e85bc5ae96",
    "def number(value: 5) -> '1 + 1'");
inline constexpr auto pending = holdfast::detail::expect(
    "c60a450b453bb83b",
    "def pending(task: Awaitable[int]) -> bool");
inline constexpr auto tree = holdfast::detail::expect(
    "1fa49fa9676a01c6",
    "def tree(value: Tree[int]) -> int");
inline constexpr auto still_bound = holdfast::detail::expect(
    "3abc13c2c26a37a3",
    "def still_bound(value: int) -> int");
}  // namespace corpus::unmapped::expected_

namespace corpus::unmapped {

/// Types that only Python has.
///
///     def match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None
inline const holdfast::function<holdfast::object(holdfast::object, std::string_view)>
    match{"corpus.unmapped", "match", &::corpus::unmapped::expected_::match};

/// Within containers only the element is an object.
///
///     def fractions(values: list[Fraction]) -> dict[str, Fraction]
inline const holdfast::function<std::map<std::string, holdfast::object>(std::vector<holdfast::object>)>
    fractions{"corpus.unmapped", "fractions", &::corpus::unmapped::expected_::fractions};

/// Keys without an order.
///
///     def keys(table: dict[Any, int]) -> set[Any]
inline const holdfast::function<holdfast::object(holdfast::object)>
    keys{"corpus.unmapped", "keys", &::corpus::unmapped::expected_::keys};

/// A type parameter.
///
///     def first(values: Sequence[T]) -> T
inline const holdfast::function<holdfast::object(std::vector<holdfast::object>)>
    first{"corpus.unmapped", "first", &::corpus::unmapped::expected_::first};

/// No types at all.
///
///     def number(value: 5) -> '1 + 1'
inline const holdfast::function<holdfast::object(holdfast::object)>
    number{"corpus.unmapped", "number", &::corpus::unmapped::expected_::number};

/// An awaitable can only come from Python.
///
///     def pending(task: Awaitable[int]) -> bool
inline const holdfast::function<bool(holdfast::object)>
    pending{"corpus.unmapped", "pending", &::corpus::unmapped::expected_::pending};

/// An alias that contains itself, of any type.
///
///     def tree(value: Tree[int]) -> int
inline const holdfast::function<std::int64_t(holdfast::object)>
    tree{"corpus.unmapped", "tree", &::corpus::unmapped::expected_::tree};

/// The rest goes on.
///
///     def still_bound(value: int) -> int
inline const holdfast::function<std::int64_t(std::int64_t)>
    still_bound{"corpus.unmapped", "still_bound", &::corpus::unmapped::expected_::still_bound};

}  // namespace corpus::unmapped
// clang-format on
