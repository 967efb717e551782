// callables.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Functions as arguments and results.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/std_function.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::callables::expected_ {
inline constexpr auto apply = holdfast::detail::expect(
    "57f55ba24b16ee2a",
    "def apply(function: Callable[[int, str], float], value: int) -> float");
inline constexpr auto multiplier = holdfast::detail::expect(
    "fa3ac8cf035591fd",
    "def multiplier(factor: int) -> Callable[[int], int]");
inline constexpr auto walk = holdfast::detail::expect(
    "fde7f4a0afbdbda0",
    "def walk(names: list[str], visit: Visit) -> int");
inline constexpr auto each = holdfast::detail::expect(
    "a972221554077245",
    "def each(values: list[int], done: Callable[[], None], item: Callable[[int], None]) -> None");
inline constexpr auto compose = holdfast::detail::expect(
    "a12d6fd457786d0c",
    "def compose(first: Callable[[int], int], second: Callable[[int], int]) -> Callable[[list[int]], list[int]]");
inline constexpr auto unknown = holdfast::detail::expect(
    "58d1a9e594720d0e",
    "def unknown(function: Callable[..., int]) -> Callable[..., Any]");
}  // namespace corpus::callables::expected_

namespace corpus::callables {

/// Call it back.
///
///     def apply(function: Callable[[int, str], float], value: int) -> float
inline const holdfast::function<double(std::function<double(std::int64_t, std::string)>, std::int64_t)>
    apply{"corpus.callables", "apply", &::corpus::callables::expected_::apply};

/// A function of Python.
///
///     def multiplier(factor: int) -> Callable[[int], int]
inline const holdfast::function<std::function<std::int64_t(std::int64_t)>(std::int64_t)>
    multiplier{"corpus.callables", "multiplier", &::corpus::callables::expected_::multiplier};

/// Until the callback has enough.
///
///     def walk(names: list[str], visit: Visit) -> int
inline const holdfast::function<std::int64_t(
    std::vector<std::string>,
    std::function<bool(std::string, std::int64_t)>)>
    walk{"corpus.callables", "walk", &::corpus::callables::expected_::walk};

/// Without results.
///
///     def each(values: list[int], done: Callable[[], None], item: Callable[[int], None]) -> None
inline const holdfast::function<void(
    std::vector<std::int64_t>,
    std::function<void()>,
    std::function<void(std::int64_t)>)>
    each{"corpus.callables", "each", &::corpus::callables::expected_::each};

/// Of callbacks, a callback.
///
///     def compose(first: Callable[[int], int], second: Callable[[int], int]) -> Callable[[list[int]], list[int]]
inline const holdfast::function<std::function<std::vector<std::int64_t>(
    std::vector<std::int64_t>)>(std::function<std::int64_t(std::int64_t)>, std::function<std::int64_t(std::int64_t)>)>
    compose{"corpus.callables", "compose", &::corpus::callables::expected_::compose};

/// Parameters that are not known make it an object.
///
///     def unknown(function: Callable[..., int]) -> Callable[..., Any]
inline const holdfast::function<holdfast::object(holdfast::object)>
    unknown{"corpus.callables", "unknown", &::corpus::callables::expected_::unknown};

}  // namespace corpus::callables
// clang-format on
