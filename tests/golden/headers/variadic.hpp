// variadic.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Any number of arguments.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/variadic.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::variadic::expected_ {
inline constexpr auto total = holdfast::detail::expect(
    "b88415604e5356d3",
    "def total(*values: float) -> float");
inline constexpr auto table = holdfast::detail::expect(
    "e500afbc007aa0eb",
    "def table(**entries: int) -> dict[str, int]");
inline constexpr auto both = holdfast::detail::expect(
    "823f6adb3f45c5bf",
    "def both(first: int, *rest: str, sep: str = ' ', last: bool, **named: int) -> str");
inline constexpr auto objects = holdfast::detail::expect(
    "8897e3f8d5712278",
    "def objects(*args, **kwargs) -> int");
}  // namespace corpus::variadic::expected_

namespace corpus::variadic {

/// By position.
///
///     def total(*values: float) -> float
inline const holdfast::variadic_function<double(holdfast::args<double>)>
    total{"corpus.variadic", "total", &::corpus::variadic::expected_::total};

/// By name.
///
///     def table(**entries: int) -> dict[str, int]
inline const holdfast::variadic_function<std::map<std::string, std::int64_t>(holdfast::kwargs<std::int64_t>)>
    table{"corpus.variadic", "table", &::corpus::variadic::expected_::table};

/// All kinds at once.
///
///     def both(first: int, *rest: str, sep: str = ' ', last: bool, **named: int) -> str
inline const holdfast::variadic_function<std::string(
    std::int64_t,
    holdfast::args<std::string>,
    bool,
    holdfast::defaulted<std::string_view>,
    holdfast::kwargs<std::int64_t>)>
    both{"corpus.variadic", "both", {"last", "sep"}, &::corpus::variadic::expected_::both};

/// Without hints.
///
///     def objects(*args, **kwargs) -> int
inline const holdfast::variadic_function<std::int64_t(
    holdfast::args<holdfast::object>,
    holdfast::kwargs<holdfast::object>)>
    objects{"corpus.variadic", "objects", &::corpus::variadic::expected_::objects};

}  // namespace corpus::variadic
// clang-format on
