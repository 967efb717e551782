// scalars.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Numbers, truth and nothing.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/complex.hpp>

#include <complex>
#include <cstddef>
#include <cstdint>
#include <string_view>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::scalars::expected_ {
inline constexpr auto add = holdfast::detail::expect("8df60eaf4f8c92fc", "def add(a: int, b: int) -> int");
inline constexpr auto halve = holdfast::detail::expect(
    "528ec4875f1373ea",
    "def halve(value: float) -> float");
inline constexpr auto negate = holdfast::detail::expect("3cdf4e24e3372e45", "def negate(flag: bool) -> bool");
inline constexpr auto conjugate = holdfast::detail::expect(
    "26f82ace85368494",
    "def conjugate(value: complex) -> complex");
inline constexpr auto nothing = holdfast::detail::expect("7be7cee6cd443c7f", "def nothing() -> None");
inline constexpr auto is_nothing = holdfast::detail::expect(
    "c0ccb11c5576d793",
    "def is_nothing(value: None) -> bool");
inline constexpr auto byte_and_word = holdfast::detail::expect(
    "baa531535b2c0d59",
    "def byte_and_word(small: Annotated[int, 'uint8'], large: Annotated[int, 'uint64']) -> Annotated[int, 'uint64']");
inline constexpr auto single = holdfast::detail::expect(
    "ce734397435692c5",
    "def single(value: Annotated[float, 'float32']) -> Annotated[float, 'float32']");
inline constexpr auto anything = holdfast::detail::expect(
    "9a818be11d960eb8",
    "def anything(value: Any) -> object");
inline constexpr auto too_large = holdfast::detail::expect("e7ac8984304aafb8", "def too_large() -> int");
}  // namespace corpus::scalars::expected_

namespace corpus::scalars {
inline constexpr std::int64_t LIMIT = 1000;
inline constexpr double RATE = 0.25;
inline constexpr std::string_view NAME = "corpus";
inline constexpr bool ENABLED = true;

/// The sum.
///
/// Of two integers of 64 bits.
///
///     def add(a: int, b: int) -> int
inline const holdfast::function<std::int64_t(std::int64_t, std::int64_t)>
    add{"corpus.scalars", "add", &::corpus::scalars::expected_::add};

/// Half of it.
///
///     def halve(value: float) -> float
inline const holdfast::function<double(double)>
    halve{"corpus.scalars", "halve", &::corpus::scalars::expected_::halve};

/// The opposite.
///
///     def negate(flag: bool) -> bool
inline const holdfast::function<bool(bool)>
    negate{"corpus.scalars", "negate", &::corpus::scalars::expected_::negate};

/// Mirrored at the real axis.
///
///     def conjugate(value: complex) -> complex
inline const holdfast::function<std::complex<double>(std::complex<double>)>
    conjugate{"corpus.scalars", "conjugate", &::corpus::scalars::expected_::conjugate};

/// No result.
///
///     def nothing() -> None
inline const holdfast::function<void()>
    nothing{"corpus.scalars", "nothing", &::corpus::scalars::expected_::nothing};

/// Whether None has come as None.
///
///     def is_nothing(value: None) -> bool
inline const holdfast::function<bool(std::nullptr_t)>
    is_nothing{"corpus.scalars", "is_nothing", &::corpus::scalars::expected_::is_nothing};

/// Integers of other widths, checked against them.
///
///     def byte_and_word(small: Annotated[int, 'uint8'], large: Annotated[int, 'uint64']) -> Annotated[int, 'uint64']
inline const holdfast::function<std::uint64_t(std::uint8_t, std::uint64_t)>
    byte_and_word{"corpus.scalars", "byte_and_word", &::corpus::scalars::expected_::byte_and_word};

/// A float of 32 bits.
///
///     def single(value: Annotated[float, 'float32']) -> Annotated[float, 'float32']
inline const holdfast::function<float(float)>
    single{"corpus.scalars", "single", &::corpus::scalars::expected_::single};

/// Objects go through as they are.
///
///     def anything(value: Any) -> object
inline const holdfast::function<holdfast::object(holdfast::object)>
    anything{"corpus.scalars", "anything", &::corpus::scalars::expected_::anything};

/// More than 64 bits.
///
///     def too_large() -> int
inline const holdfast::function<std::int64_t()>
    too_large{"corpus.scalars", "too_large", &::corpus::scalars::expected_::too_large};

}  // namespace corpus::scalars
// clang-format on
