// coroutines.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Coroutines, awaitables, asynchronous iterators.
#pragma once

// clang-format off

#include <holdfast/async.hpp>
#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>

#include <cstdint>
#include <string>
#include <string_view>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::coroutines::expected_ {
inline constexpr auto double_ = holdfast::detail::expect(
    "225b8785653b9891",
    "async def double(value: int) -> int");
inline constexpr auto nothing = holdfast::detail::expect(
    "e73440eddadf57f9",
    "async def nothing(seconds: float = 0.0) -> None");
inline constexpr auto later = holdfast::detail::expect(
    "b81aa846abeb41e7",
    "def later(value: str) -> Awaitable[str]");
inline constexpr auto ticks = holdfast::detail::expect(
    "3a9ddbfa15480c43",
    "async def ticks(count: int) -> AsyncIterator[int]");
inline constexpr auto fails = holdfast::detail::expect("5f657f4aacb426f3", "async def fails() -> str");
}  // namespace corpus::coroutines::expected_

namespace corpus::coroutines {

/// After a moment.
///
///     async def double(value: int) -> int
inline const holdfast::function<holdfast::task<std::int64_t>(std::int64_t)>
    double_{"corpus.coroutines", "double", &::corpus::coroutines::expected_::double_};

/// No result.
///
///     async def nothing(seconds: float = 0.0) -> None
inline const holdfast::function<holdfast::task<void>(holdfast::defaulted<double>)>
    nothing{"corpus.coroutines", "nothing", {"seconds"}, &::corpus::coroutines::expected_::nothing};

/// Not declared by async, and awaited.
///
///     def later(value: str) -> Awaitable[str]
inline const holdfast::function<holdfast::task<std::string>(std::string_view)>
    later{"corpus.coroutines", "later", &::corpus::coroutines::expected_::later};

/// One by one.
///
///     async def ticks(count: int) -> AsyncIterator[int]
inline const holdfast::function<holdfast::async_range<std::int64_t>(std::int64_t)>
    ticks{"corpus.coroutines", "ticks", &::corpus::coroutines::expected_::ticks};

/// Raises.
///
///     async def fails() -> str
inline const holdfast::function<holdfast::task<std::string>()>
    fails{"corpus.coroutines", "fails", &::corpus::coroutines::expected_::fails};

}  // namespace corpus::coroutines
// clang-format on
