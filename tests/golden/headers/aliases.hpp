// aliases.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Names for types, and types of neighbours.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/convert/variant.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::records {
struct Book;
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

#ifndef HOLDFAST_BOUND_corpus_records_Book
#define HOLDFAST_BOUND_corpus_records_Book 0xcba1eb56677d5162

namespace corpus::records::expected_ {
inline constexpr auto Book = holdfast::detail::expect("cba1eb56677d5162", "class Book");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// An order book.
struct Book {
    std::string symbol;
    std::vector<Level> levels{};
    std::optional<Level> best{};
    bool open = true;
    std::int64_t count{};
};

inline bool operator==(const Book &a, const Book &b) {
    return std::tie(a.symbol, a.levels, a.best, a.open, a.count) == std::tie(b.symbol, b.levels, b.best, b.open, b.count);
}
inline bool operator<(const Book &a, const Book &b) {
    return std::tie(a.symbol, a.levels, a.best, a.open, a.count) < std::tie(b.symbol, b.levels, b.best, b.open, b.count);
}
inline bool operator!=(const Book &a, const Book &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Book> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Book";
    static constexpr const char *fields[] = {"symbol", "levels", "best", "open", "count"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Book;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.symbol);
        each(value.levels);
        each(value.best);
        each(value.open);
        each.computed(value.count);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Book != 0xcba1eb56677d5162
#error "corpus.records.Book has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_enums_Color
#define HOLDFAST_BOUND_corpus_enums_Color 0x60ce3f3342b4a2ff

namespace corpus::enums::expected_ {
inline constexpr auto Color = holdfast::detail::expect("60ce3f3342b4a2ff", "class Color");
}  // namespace corpus::enums::expected_

namespace corpus::enums {
/// Values of any type: C++ sees the names.
enum class Color {
    RED,
    GREEN,
    CRIMSON,
};
}  // namespace corpus::enums

template <>
struct holdfast::enumeration<::corpus::enums::Color> {
    static constexpr const char *module = "corpus.enums";
    static constexpr const char *name = "Color";
    static constexpr const char *members[] = {"RED", "GREEN", "CRIMSON"};
    static constexpr ::corpus::enums::Color values[] = {
        ::corpus::enums::Color::RED,
        ::corpus::enums::Color::GREEN,
        ::corpus::enums::Color::CRIMSON};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::enums::expected_::Color;
};
#elif HOLDFAST_BOUND_corpus_enums_Color != 0x60ce3f3342b4a2ff
#error "corpus.enums.Color has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::aliases::expected_ {
inline constexpr auto user = holdfast::detail::expect("4a040c5ae4f5ebd0", "def user(name: Text) -> UserId");
inline constexpr auto prices = holdfast::detail::expect(
    "6b3b6ba0b6ec7eac",
    "def prices(values: Prices) -> Table[Price]");
inline constexpr auto port = holdfast::detail::expect("f1e4a1b9de59e838", "def port(number: Port) -> Port");
inline constexpr auto neighbours = holdfast::detail::expect(
    "04c22834b6a6d18c",
    "def neighbours(book: Book, paint: Paint) -> 'list[r.Level]'");
inline constexpr auto constrained = holdfast::detail::expect(
    "edd92f8f97ceb8ce",
    "def constrained(value: N) -> N");
inline constexpr auto bounded = holdfast::detail::expect("4b3acb90acb6fe6c", "def bounded(value: L) -> L");
inline constexpr auto engine = holdfast::detail::expect(
    "6c3ea0b09ea930bd",
    "def engine(power: Engine) -> Engine");
}  // namespace corpus::aliases::expected_

namespace corpus::aliases {

/// A type of its own in Python, an integer in C++.
///
///     def user(name: Text) -> UserId
inline const holdfast::function<std::int64_t(std::string_view)>
    user{"corpus.aliases", "user", &::corpus::aliases::expected_::user};

/// Aliases of aliases.
///
///     def prices(values: Prices) -> Table[Price]
inline const holdfast::function<std::map<std::string, double>(std::vector<double>)>
    prices{"corpus.aliases", "prices", &::corpus::aliases::expected_::prices};

/// With a width.
///
///     def port(number: Port) -> Port
inline const holdfast::function<std::uint16_t(std::uint16_t)>
    port{"corpus.aliases", "port", &::corpus::aliases::expected_::port};

/// Types of other modules.
///
///     def neighbours(book: Book, paint: Paint) -> 'list[r.Level]'
inline const holdfast::function<std::vector<::corpus::records::Level>(
    ::corpus::records::Book,
    ::corpus::enums::Color)>
    neighbours{"corpus.aliases", "neighbours", &::corpus::aliases::expected_::neighbours};

/// One of two.
///
///     def constrained(value: N) -> N
inline const holdfast::function<std::variant<std::int64_t, double>(std::variant<std::int64_t, double>)>
    constrained{"corpus.aliases", "constrained", &::corpus::aliases::expected_::constrained};

/// At least a Level.
///
///     def bounded(value: L) -> L
inline const holdfast::function<::corpus::records::Level(::corpus::records::Level)>
    bounded{"corpus.aliases", "bounded", &::corpus::aliases::expected_::bounded};

/// From the branch that a healthy installation takes; not known here.
///
///     def engine(power: Engine) -> Engine
inline const holdfast::function<holdfast::object(holdfast::object)>
    engine{"corpus.aliases", "engine", &::corpus::aliases::expected_::engine};

}  // namespace corpus::aliases
// clang-format on
