// containers.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Lists, dicts, sets and tuples, and what is like them.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::containers::expected_ {
inline constexpr auto doubled = holdfast::detail::expect(
    "d9c74a1a73530822",
    "def doubled(values: list[float]) -> list[float]");
inline constexpr auto part = holdfast::detail::expect(
    "9f869422d6dd4f6f",
    "def part(values: Sequence[int], start: int, stop: int) -> Sequence[int]");
inline constexpr auto total = holdfast::detail::expect(
    "43df30a71e4c31a6",
    "def total(values: Iterable[int]) -> int");
inline constexpr auto count = holdfast::detail::expect(
    "da8adf8dbcf4b7e5",
    "def count(values: Collection[str]) -> int");
inline constexpr auto inverted = holdfast::detail::expect(
    "06e8a883b00eb256",
    "def inverted(table: dict[str, int]) -> dict[int, str]");
inline constexpr auto longest = holdfast::detail::expect(
    "58add0e65017a2fa",
    "def longest(table: Mapping[str, list[int]]) -> Mapping[str, int]");
inline constexpr auto nested = holdfast::detail::expect(
    "638843ac26afa8fb",
    "def nested(table: MutableMapping[str, dict[str, int]]) -> list[dict[str, int]]");
inline constexpr auto unique = holdfast::detail::expect(
    "79ccb6a4ad19a08c",
    "def unique(values: list[int]) -> set[int]");
inline constexpr auto common = holdfast::detail::expect(
    "1ecb024720352321",
    "def common(a: frozenset[str], b: AbstractSet[str]) -> frozenset[str]");
inline constexpr auto swap = holdfast::detail::expect(
    "abc38b0348be5a4e",
    "def swap(pair: tuple[int, str]) -> tuple[str, int]");
inline constexpr auto empty = holdfast::detail::expect("e876ff1f06230d8d", "def empty() -> tuple[()]");
inline constexpr auto row = holdfast::detail::expect(
    "96c200fbef9a6662",
    "def row(values: tuple[int, ...]) -> tuple[float, ...]");
inline constexpr auto rows = holdfast::detail::expect(
    "b3dcbb5d7eafd255",
    "def rows(table: dict[tuple[int, int], str]) -> list[tuple[int, ...]]");
inline constexpr auto matrix = holdfast::detail::expect(
    "75fbec5d58305cd9",
    "def matrix(size: int) -> list[list[int]]");
inline constexpr auto old_names = holdfast::detail::expect(
    "441daf00f1afc569",
    "def old_names(a: List[int], b: Dict[str, Set[int]], c: Tuple[int, ...]) -> FrozenSet[int]");
inline constexpr auto bare = holdfast::detail::expect(
    "5fcc4694ed2a0449",
    "def bare(values: list, table: dict) -> tuple");
inline constexpr auto mixed = holdfast::detail::expect(
    "a052aad07355ec97",
    "def mixed(values: list[Any]) -> dict[str, Any]");
}  // namespace corpus::containers::expected_

namespace corpus::containers {

/// Each twice as large.
///
///     def doubled(values: list[float]) -> list[float]
inline const holdfast::function<std::vector<double>(std::vector<double>)>
    doubled{"corpus.containers", "doubled", &::corpus::containers::expected_::doubled};

/// A slice.
///
///     def part(values: Sequence[int], start: int, stop: int) -> Sequence[int]
inline const holdfast::function<std::vector<std::int64_t>(
    std::vector<std::int64_t>,
    std::int64_t,
    std::int64_t)>
    part{"corpus.containers", "part", &::corpus::containers::expected_::part};

/// The sum.
///
///     def total(values: Iterable[int]) -> int
inline const holdfast::function<std::int64_t(std::vector<std::int64_t>)>
    total{"corpus.containers", "total", &::corpus::containers::expected_::total};

/// How many.
///
///     def count(values: Collection[str]) -> int
inline const holdfast::function<std::int64_t(std::vector<std::string>)>
    count{"corpus.containers", "count", &::corpus::containers::expected_::count};

/// Keys and values exchanged.
///
///     def inverted(table: dict[str, int]) -> dict[int, str]
inline const holdfast::function<std::map<std::int64_t, std::string>(std::map<std::string, std::int64_t>)>
    inverted{"corpus.containers", "inverted", &::corpus::containers::expected_::inverted};

/// The length of each list.
///
///     def longest(table: Mapping[str, list[int]]) -> Mapping[str, int]
inline const holdfast::function<std::map<std::string, std::int64_t>(
    std::map<std::string, std::vector<std::int64_t>>)>
    longest{"corpus.containers", "longest", &::corpus::containers::expected_::longest};

/// The inner ones.
///
///     def nested(table: MutableMapping[str, dict[str, int]]) -> list[dict[str, int]]
inline const holdfast::function<std::vector<std::map<std::string, std::int64_t>>(
    std::map<std::string, std::map<std::string, std::int64_t>>)>
    nested{"corpus.containers", "nested", &::corpus::containers::expected_::nested};

/// Without doubles.
///
///     def unique(values: list[int]) -> set[int]
inline const holdfast::function<std::set<std::int64_t>(std::vector<std::int64_t>)>
    unique{"corpus.containers", "unique", &::corpus::containers::expected_::unique};

/// What is in both.
///
///     def common(a: frozenset[str], b: AbstractSet[str]) -> frozenset[str]
inline const holdfast::function<holdfast::frozen_set<std::string>(
    holdfast::frozen_set<std::string>,
    std::set<std::string>)>
    common{"corpus.containers", "common", &::corpus::containers::expected_::common};

/// The other way round.
///
///     def swap(pair: tuple[int, str]) -> tuple[str, int]
inline const holdfast::function<std::tuple<std::string, std::int64_t>(std::tuple<std::int64_t, std::string>)>
    swap{"corpus.containers", "swap", &::corpus::containers::expected_::swap};

/// Nothing, as a tuple.
///
///     def empty() -> tuple[()]
inline const holdfast::function<std::tuple<>()>
    empty{"corpus.containers", "empty", &::corpus::containers::expected_::empty};

/// Of any length; a tuple arrives as a tuple.
///
///     def row(values: tuple[int, ...]) -> tuple[float, ...]
inline const holdfast::function<std::vector<double>(holdfast::variadic_tuple<std::int64_t>)>
    row{"corpus.containers", "row", &::corpus::containers::expected_::row};

/// Tuples as keys.
///
///     def rows(table: dict[tuple[int, int], str]) -> list[tuple[int, ...]]
inline const holdfast::function<std::vector<holdfast::variadic_tuple<std::int64_t>>(
    std::map<std::tuple<std::int64_t, std::int64_t>, std::string>)>
    rows{"corpus.containers", "rows", &::corpus::containers::expected_::rows};

/// The unit matrix.
///
///     def matrix(size: int) -> list[list[int]]
inline const holdfast::function<std::vector<std::vector<std::int64_t>>(std::int64_t)>
    matrix{"corpus.containers", "matrix", &::corpus::containers::expected_::matrix};

/// As they were written before 3.9.
///
///     def old_names(a: List[int], b: Dict[str, Set[int]], c: Tuple[int, ...]) -> FrozenSet[int]
inline const holdfast::function<holdfast::frozen_set<std::int64_t>(
    std::vector<std::int64_t>,
    std::map<std::string, std::set<std::int64_t>>,
    holdfast::variadic_tuple<std::int64_t>)>
    old_names{"corpus.containers", "old_names", &::corpus::containers::expected_::old_names};

/// Without arguments, elements are objects; keys without an order make the dict one.
///
///     def bare(values: list, table: dict) -> tuple
inline const holdfast::function<std::vector<holdfast::object>(
    std::vector<holdfast::object>,
    holdfast::object)>
    bare{"corpus.containers", "bare", &::corpus::containers::expected_::bare};

/// Objects within containers.
///
///     def mixed(values: list[Any]) -> dict[str, Any]
inline const holdfast::function<std::map<std::string, holdfast::object>(std::vector<holdfast::object>)>
    mixed{"corpus.containers", "mixed", &::corpus::containers::expected_::mixed};

}  // namespace corpus::containers
// clang-format on
