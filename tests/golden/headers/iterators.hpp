// iterators.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Iterators and generators, both ways.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/range.hpp>
#include <holdfast/calls/record.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::records {
struct Level;
}  // namespace corpus::records

#ifndef HOLDFAST_BOUND_corpus_records_Side
#define HOLDFAST_BOUND_corpus_records_Side 0x2520a4a66af3aa16

namespace corpus::records::expected_ {
inline constexpr auto Side = holdfast::detail::expect("2520a4a66af3aa16", "class Side");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// Which side of the book.
enum class Side {
    BUY,
    SELL,
};
}  // namespace corpus::records

template <>
struct holdfast::enumeration<::corpus::records::Side> {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Side";
    static constexpr const char *members[] = {"BUY", "SELL"};
    static constexpr ::corpus::records::Side values[] = {
        ::corpus::records::Side::BUY,
        ::corpus::records::Side::SELL};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Side;
};
#elif HOLDFAST_BOUND_corpus_records_Side != 0x2520a4a66af3aa16
#error "corpus.records.Side has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Level
#define HOLDFAST_BOUND_corpus_records_Level 0x67748ea14739cabc

namespace corpus::records::expected_ {
inline constexpr auto Level = holdfast::detail::expect("67748ea14739cabc", "class Level");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// One price of an order book.
struct Level {
    /// In the book's currency.
    double price{};
    std::int64_t size = 1;
    Side side = Side::BUY;
    std::optional<std::string> note{};
};

inline bool operator==(const Level &a, const Level &b) {
    return std::tie(a.price, a.size, a.side, a.note) == std::tie(b.price, b.size, b.side, b.note);
}
inline bool operator<(const Level &a, const Level &b) {
    return std::tie(a.price, a.size, a.side, a.note) < std::tie(b.price, b.size, b.side, b.note);
}
inline bool operator!=(const Level &a, const Level &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Level> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Level";
    static constexpr const char *fields[] = {"price", "size", "side", "note"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Level;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.price);
        each(value.size);
        each(value.side);
        each(value.note);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Level != 0x67748ea14739cabc
#error "corpus.records.Level has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::iterators::expected_ {
inline constexpr auto squares = holdfast::detail::expect(
    "8da0871211fadcfd",
    "def squares(count: int) -> Iterator[int]");
inline constexpr auto countdown = holdfast::detail::expect(
    "e42b8d26e4b99fd9",
    "def countdown(start: int) -> Generator[int, None, None]");
inline constexpr auto words = holdfast::detail::expect(
    "df91e6a179b4d942",
    "def words(text: str) -> Iterable[str]");
inline constexpr auto levels = holdfast::detail::expect(
    "55b229f428ce3d42",
    "def levels(count: int) -> Iterator[Level]");
inline constexpr auto running = holdfast::detail::expect(
    "2047187af12ab0a1",
    "def running(values: Iterator[float]) -> Iterator[float]");
inline constexpr auto talk = holdfast::detail::expect(
    "cfa618d6ca0d360d",
    "def talk(start: int) -> Generator[int, str, bool]");
inline constexpr auto first = holdfast::detail::expect(
    "d2029cf0164fd2b7",
    "def first(values: Iterable[str]) -> str | None");
inline constexpr auto fails = holdfast::detail::expect(
    "10117a6430ef4edd",
    "def fails(after: int) -> Iterator[int]");
}  // namespace corpus::iterators::expected_

namespace corpus::iterators {

/// Made one by one.
///
///     def squares(count: int) -> Iterator[int]
inline const holdfast::function<holdfast::range<std::int64_t>(std::int64_t)>
    squares{"corpus.iterators", "squares", &::corpus::iterators::expected_::squares};

/// A generator, as an iterator.
///
///     def countdown(start: int) -> Generator[int, None, None]
inline const holdfast::function<holdfast::range<std::int64_t>(std::int64_t)>
    countdown{"corpus.iterators", "countdown", &::corpus::iterators::expected_::countdown};

/// Anything that can be iterated over.
///
///     def words(text: str) -> Iterable[str]
inline const holdfast::function<holdfast::range<std::string>(std::string_view)>
    words{"corpus.iterators", "words", &::corpus::iterators::expected_::words};

/// Records.
///
///     def levels(count: int) -> Iterator[Level]
inline const holdfast::function<holdfast::range<::corpus::records::Level>(std::int64_t)>
    levels{"corpus.iterators", "levels", &::corpus::iterators::expected_::levels};

/// From an iterator, an iterator.
///
///     def running(values: Iterator[float]) -> Iterator[float]
inline const holdfast::function<holdfast::range<double>(holdfast::range<double>)>
    running{"corpus.iterators", "running", &::corpus::iterators::expected_::running};

/// Takes answers, and ends with a result.
///
///     def talk(start: int) -> Generator[int, str, bool]
inline const holdfast::function<holdfast::generator<std::int64_t, std::string, bool>(std::int64_t)>
    talk{"corpus.iterators", "talk", &::corpus::iterators::expected_::talk};

/// A list will do.
///
///     def first(values: Iterable[str]) -> str | None
inline const holdfast::function<std::optional<std::string>(std::vector<std::string>)>
    first{"corpus.iterators", "first", &::corpus::iterators::expected_::first};

/// Raises in the middle.
///
///     def fails(after: int) -> Iterator[int]
inline const holdfast::function<holdfast::range<std::int64_t>(std::int64_t)>
    fails{"corpus.iterators", "fails", &::corpus::iterators::expected_::fails};

}  // namespace corpus::iterators
// clang-format on
