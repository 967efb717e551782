// arrays.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Arrays, without copies.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/buffer.hpp>

#include <cstdint>
#include <string>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::arrays::expected_ {
inline constexpr auto scale = holdfast::detail::expect(
    "67fe65e0b7515697",
    "def scale(values: npt.NDArray[np.float64], factor: float) -> None");
inline constexpr auto ramp = holdfast::detail::expect(
    "7207701e900d499d",
    "def ramp(count: int) -> npt.NDArray[np.int32]");
inline constexpr auto matrix = holdfast::detail::expect(
    "5ab9cd1aae4a96bc",
    "def matrix(rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]");
inline constexpr auto mask = holdfast::detail::expect(
    "b934fcf330f300e1",
    "def mask(values: npt.NDArray[np.bool_]) -> int");
inline constexpr auto size = holdfast::detail::expect("cfa19ae9697b2d8d", "def size(data: Buffer) -> int");
inline constexpr auto view = holdfast::detail::expect(
    "7a3e0036387e5347",
    "def view(data: bytes) -> memoryview");
inline constexpr auto unknown = holdfast::detail::expect(
    "ad03b3f78a6a68c5",
    "def unknown(values: npt.NDArray[Any]) -> str");
}  // namespace corpus::arrays::expected_

namespace corpus::arrays {

/// In place.
///
///     def scale(values: npt.NDArray[np.float64], factor: float) -> None
inline const holdfast::function<void(holdfast::array_view<double>, double)>
    scale{"corpus.arrays", "scale", &::corpus::arrays::expected_::scale};

/// Made in Python.
///
///     def ramp(count: int) -> npt.NDArray[np.int32]
inline const holdfast::function<holdfast::array_view<std::int32_t>(std::int64_t)>
    ramp{"corpus.arrays", "ramp", &::corpus::arrays::expected_::ramp};

/// Of two dimensions.
///
///     def matrix(rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]
inline const holdfast::function<holdfast::array_view<float, 2>(std::int64_t, std::int64_t)>
    matrix{"corpus.arrays", "matrix", &::corpus::arrays::expected_::matrix};

/// How many are set.
///
///     def mask(values: npt.NDArray[np.bool_]) -> int
inline const holdfast::function<std::int64_t(holdfast::array_view<bool>)>
    mask{"corpus.arrays", "mask", &::corpus::arrays::expected_::mask};

/// Of anything with a buffer.
///
///     def size(data: Buffer) -> int
inline const holdfast::function<std::int64_t(holdfast::memory_view)>
    size{"corpus.arrays", "size", &::corpus::arrays::expected_::size};

/// A view.
///
///     def view(data: bytes) -> memoryview
inline const holdfast::function<holdfast::memory_view(holdfast::bytes_view)>
    view{"corpus.arrays", "view", &::corpus::arrays::expected_::view};

/// Elements of any type make it an object.
///
///     def unknown(values: npt.NDArray[Any]) -> str
inline const holdfast::function<std::string(holdfast::object)>
    unknown{"corpus.arrays", "unknown", &::corpus::arrays::expected_::unknown};

}  // namespace corpus::arrays
// clang-format on
