// overloads.py, for C++: made by `holdfast bind`. Edits are lost.
//
// One name, several signatures.
#pragma once

// clang-format off

#include <holdfast/bound.hpp>
#include <holdfast/call.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::overloads::expected_ {
inline constexpr auto parse = holdfast::detail::expect("8a530ecd716ebfb5", "def parse(value: str) -> int");
inline constexpr auto twice = holdfast::detail::expect("2f3e1480fcf454f6", "def twice(value: int) -> int");
}  // namespace corpus::overloads::expected_

namespace corpus::overloads {

/// One of 3 signatures.
inline const holdfast::overloads parse{
    // def parse(value: str) -> int
    holdfast::function<std::int64_t(std::string_view)>{"corpus.overloads", "parse", &::corpus::overloads::expected_::parse},
    // def parse(value: bytes, base: int = ...) -> int
    holdfast::function<std::int64_t(holdfast::bytes_view, holdfast::defaulted<std::int64_t>)>{"corpus.overloads", "parse", {"base"}, &::corpus::overloads::expected_::parse},
    // def parse(value: list[str]) -> list[int]
    holdfast::function<std::vector<std::int64_t>(std::vector<std::string>)>{"corpus.overloads", "parse", &::corpus::overloads::expected_::parse}};

/// One of 2 signatures.
inline const holdfast::overloads twice{
    // def twice(value: int) -> int
    holdfast::function<std::int64_t(std::int64_t)>{"corpus.overloads", "twice", &::corpus::overloads::expected_::twice},
    // def twice(value: str, *, sep: str = ...) -> str
    holdfast::function<std::string(std::string_view, holdfast::defaulted<std::string_view>)>{"corpus.overloads", "twice", {"sep"}, &::corpus::overloads::expected_::twice}};

}  // namespace corpus::overloads
// clang-format on
