// records.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Dataclasses: defaults, nested, recursive, inherited, generic.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::records {
struct Book;
struct Empty;
struct Left;
struct Level;
struct Named;
struct Node;
struct Pair_float;
struct Pair_int;
struct Reserved;
struct Right;
struct Stamped;
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

#ifndef HOLDFAST_BOUND_corpus_records_Node
#define HOLDFAST_BOUND_corpus_records_Node 0xa08d7855ef13e604

namespace corpus::records::expected_ {
inline constexpr auto Node = holdfast::detail::expect("a08d7855ef13e604", "class Node");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// A list that holds itself.
struct Node {
    std::int64_t value{};
    holdfast::boxed<Node> next{};
    std::vector<Node> children{};
};

inline bool operator==(const Node &a, const Node &b) {
    return std::tie(a.value, a.next, a.children) == std::tie(b.value, b.next, b.children);
}
inline bool operator!=(const Node &a, const Node &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Node> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Node";
    static constexpr const char *fields[] = {"value", "next", "children"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Node;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.value);
        each(value.next);
        each(value.children);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Node != 0xa08d7855ef13e604
#error "corpus.records.Node has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Left
#define HOLDFAST_BOUND_corpus_records_Left 0xd079a73a6b943331

namespace corpus::records::expected_ {
inline constexpr auto Left = holdfast::detail::expect("d079a73a6b943331", "class Left");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// One of two that hold each other.
struct Left {
    holdfast::boxed<Right> right{};
};
}  // namespace corpus::records

namespace corpus::records::expected_ {
inline constexpr auto Right = holdfast::detail::expect("2859688c37e606c1", "class Right");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// The other one.
struct Right {
    std::string name;
    holdfast::boxed<Left> left{};
};
}  // namespace corpus::records

namespace corpus::records {
inline bool operator==(const Left &a, const Left &b) {
    return std::tie(a.right) == std::tie(b.right);
}
inline bool operator!=(const Left &a, const Left &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Left> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Left";
    static constexpr const char *fields[] = {"right"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Left;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.right);
    }
};
namespace corpus::records {
inline bool operator==(const Right &a, const Right &b) {
    return std::tie(a.name, a.left) == std::tie(b.name, b.left);
}
inline bool operator!=(const Right &a, const Right &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Right> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Right";
    static constexpr const char *fields[] = {"name", "left"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Right;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.name);
        each(value.left);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Left != 0xd079a73a6b943331
#error "corpus.records.Left has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Named
#define HOLDFAST_BOUND_corpus_records_Named 0x421c75c7d88ee8ed

namespace corpus::records::expected_ {
inline constexpr auto Named = holdfast::detail::expect("421c75c7d88ee8ed", "class Named");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// With the fields of another record.
struct Named {
    /// In the book's currency.
    double price{};
    std::int64_t size = 1;
    Side side = Side::BUY;
    std::optional<std::string> note{};
    std::string name = "?";
};

inline bool operator==(const Named &a, const Named &b) {
    return std::tie(a.price, a.size, a.side, a.note, a.name) == std::tie(b.price, b.size, b.side, b.note, b.name);
}
inline bool operator<(const Named &a, const Named &b) {
    return std::tie(a.price, a.size, a.side, a.note, a.name) < std::tie(b.price, b.size, b.side, b.note, b.name);
}
inline bool operator!=(const Named &a, const Named &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Named> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Named";
    static constexpr const char *fields[] = {"price", "size", "side", "note", "name"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Named;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.price);
        each(value.size);
        each(value.side);
        each(value.note);
        each(value.name);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Named != 0x421c75c7d88ee8ed
#error "corpus.records.Named has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Empty
#define HOLDFAST_BOUND_corpus_records_Empty 0x83c5daeedbafd09c

namespace corpus::records::expected_ {
inline constexpr auto Empty = holdfast::detail::expect("83c5daeedbafd09c", "class Empty");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// No fields.
struct Empty {
};

inline bool operator==(const Empty &, const Empty &) {
    return true;
}
inline bool operator<(const Empty &, const Empty &) {
    return false;
}
inline bool operator!=(const Empty &a, const Empty &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Empty> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Empty";
    static constexpr const char *fields[] = {nullptr};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Empty;
    template <class Record, class Visitor>
    static void visit(Record &, Visitor &) {
    }
};
#elif HOLDFAST_BOUND_corpus_records_Empty != 0x83c5daeedbafd09c
#error "corpus.records.Empty has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Reserved
#define HOLDFAST_BOUND_corpus_records_Reserved 0x0ccc2e91078f1334

namespace corpus::records::expected_ {
inline constexpr auto Reserved = holdfast::detail::expect("0ccc2e91078f1334", "class Reserved");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// Fields whose names mean something to C++.
struct Reserved {
    std::int64_t default_ = 5;
    std::optional<::corpus::records::Level> Level{};
};

inline bool operator==(const Reserved &a, const Reserved &b) {
    return std::tie(a.default_, a.Level) == std::tie(b.default_, b.Level);
}
inline bool operator<(const Reserved &a, const Reserved &b) {
    return std::tie(a.default_, a.Level) < std::tie(b.default_, b.Level);
}
inline bool operator!=(const Reserved &a, const Reserved &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Reserved> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Reserved";
    static constexpr const char *fields[] = {"default", "Level"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Reserved;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.default_);
        each(value.Level);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Reserved != 0x0ccc2e91078f1334
#error "corpus.records.Reserved has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Stamped
#define HOLDFAST_BOUND_corpus_records_Stamped 0xb14655fbb69a83fb

namespace corpus::records::expected_ {
inline constexpr auto Stamped = holdfast::detail::expect("b14655fbb69a83fb", "class Stamped");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// Defaults that only Python knows.
struct Stamped {
    std::string name;
    /// Empty: Python's default.
    std::optional<double> stamp;
    /// Empty: Python's default.
    std::optional<holdfast::variadic_tuple<std::int64_t>> limits;
    std::optional<double> ratio = 0.5;
};

inline bool operator==(const Stamped &a, const Stamped &b) {
    return std::tie(a.name, a.stamp, a.limits, a.ratio) == std::tie(b.name, b.stamp, b.limits, b.ratio);
}
inline bool operator<(const Stamped &a, const Stamped &b) {
    return std::tie(a.name, a.stamp, a.limits, a.ratio) < std::tie(b.name, b.stamp, b.limits, b.ratio);
}
inline bool operator!=(const Stamped &a, const Stamped &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Stamped> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Stamped";
    static constexpr const char *fields[] = {"name", "stamp", "limits", "ratio"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Stamped;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.name);
        each.defaulted(value.stamp);
        each.defaulted(value.limits);
        each(value.ratio);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Stamped != 0xb14655fbb69a83fb
#error "corpus.records.Stamped has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Pair_int
#define HOLDFAST_BOUND_corpus_records_Pair_int 0x745f29df0e32edb4

namespace corpus::records::expected_ {
inline constexpr auto Pair_int = holdfast::detail::expect("745f29df0e32edb4", "class Pair");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// Of any type; C++ gets one for each that is used.
struct Pair_int {
    std::int64_t first{};
    std::int64_t second{};
};

inline bool operator==(const Pair_int &a, const Pair_int &b) {
    return std::tie(a.first, a.second) == std::tie(b.first, b.second);
}
inline bool operator<(const Pair_int &a, const Pair_int &b) {
    return std::tie(a.first, a.second) < std::tie(b.first, b.second);
}
inline bool operator!=(const Pair_int &a, const Pair_int &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Pair_int> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Pair";
    static constexpr const char *fields[] = {"first", "second"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Pair_int;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.first);
        each(value.second);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Pair_int != 0x745f29df0e32edb4
#error "corpus.records.Pair has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_records_Pair_float
#define HOLDFAST_BOUND_corpus_records_Pair_float 0x745f29df0e32edb4

namespace corpus::records::expected_ {
inline constexpr auto Pair_float = holdfast::detail::expect("745f29df0e32edb4", "class Pair");
}  // namespace corpus::records::expected_

namespace corpus::records {
/// Of any type; C++ gets one for each that is used.
struct Pair_float {
    double first{};
    double second{};
};

inline bool operator==(const Pair_float &a, const Pair_float &b) {
    return std::tie(a.first, a.second) == std::tie(b.first, b.second);
}
inline bool operator<(const Pair_float &a, const Pair_float &b) {
    return std::tie(a.first, a.second) < std::tie(b.first, b.second);
}
inline bool operator!=(const Pair_float &a, const Pair_float &b) {
    return !(a == b);
}
}  // namespace corpus::records

template <>
struct holdfast::record<::corpus::records::Pair_float> : holdfast::dataclass {
    static constexpr const char *module = "corpus.records";
    static constexpr const char *name = "Pair";
    static constexpr const char *fields[] = {"first", "second"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::records::expected_::Pair_float;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.first);
        each(value.second);
    }
};
#elif HOLDFAST_BOUND_corpus_records_Pair_float != 0x745f29df0e32edb4
#error "corpus.records.Pair has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::records::expected_ {
inline constexpr auto price = holdfast::detail::expect("e4f590f24bde0ce7", "def price(book: Book) -> float");
inline constexpr auto levels = holdfast::detail::expect(
    "698349c36aab05df",
    "def levels(count: int) -> list[Level]");
inline constexpr auto make_book = holdfast::detail::expect(
    "32670c5e63a7ab4c",
    "def make_book(symbol: str, count: int) -> Book");
inline constexpr auto chain = holdfast::detail::expect(
    "e03dc1cb65991709",
    "def chain(length: int) -> Node | None");
inline constexpr auto length = holdfast::detail::expect("7afeb91d541a7749", "def length(node: Node) -> int");
inline constexpr auto cross = holdfast::detail::expect("0236cf1e6bd73ba9", "def cross(left: Left) -> Right");
inline constexpr auto name_of = holdfast::detail::expect(
    "b3462e0d8deafc33",
    "def name_of(item: Named) -> str");
inline constexpr auto extent = holdfast::detail::expect(
    "81d80d8731ac5d0f",
    "def extent(pair: Pair[int]) -> Pair[float]");
inline constexpr auto by_level = holdfast::detail::expect(
    "895a48dcc15bbbf1",
    "def by_level(levels: list[Level]) -> dict[Level, int]");
inline constexpr auto nothing = holdfast::detail::expect(
    "f74bc3dcad038ff6",
    "def nothing(empty: Empty) -> Empty");
inline constexpr auto reserved = holdfast::detail::expect(
    "4efdbfe591303217",
    "def reserved(value: Reserved) -> Reserved");
inline constexpr auto broken = holdfast::detail::expect("f73c05157259e060", "def broken() -> Book");
inline constexpr auto stamped = holdfast::detail::expect(
    "4a5fb050bc316476",
    "def stamped(value: Stamped) -> Stamped");
inline constexpr auto Book_value = holdfast::detail::expect(
    "f6c8edb9875254f7",
    "def Book.value(self) -> float");
inline constexpr auto Book_scaled = holdfast::detail::expect(
    "822c8382e0c1d98c",
    "def Book.scaled(self, rate: float, *, digits: int = 2) -> Book");
inline constexpr auto Book_empty = holdfast::detail::expect(
    "349bb6ef9aff7a4a",
    "def Book.empty(cls, symbol: str) -> Book");
inline constexpr auto Book_name_of = holdfast::detail::expect(
    "49efc512a5857d19",
    "def Book.name_of(side: Side) -> str");
}  // namespace corpus::records::expected_

namespace corpus::records {

/// What the book is worth.
///
///     def price(book: Book) -> float
inline const holdfast::function<double(Book)>
    price{"corpus.records", "price", &::corpus::records::expected_::price};

/// So many levels.
///
///     def levels(count: int) -> list[Level]
inline const holdfast::function<std::vector<Level>(std::int64_t)>
    levels{"corpus.records", "levels", &::corpus::records::expected_::levels};

/// A book with levels.
///
///     def make_book(symbol: str, count: int) -> Book
inline const holdfast::function<Book(std::string_view, std::int64_t)>
    make_book{"corpus.records", "make_book", &::corpus::records::expected_::make_book};

/// A list of that length.
///
///     def chain(length: int) -> Node | None
inline const holdfast::function<std::optional<Node>(std::int64_t)>
    chain{"corpus.records", "chain", &::corpus::records::expected_::chain};

/// Of a list.
///
///     def length(node: Node) -> int
inline const holdfast::function<std::int64_t(Node)>
    length{"corpus.records", "length", &::corpus::records::expected_::length};

/// From one to the other.
///
///     def cross(left: Left) -> Right
inline const holdfast::function<Right(Left)>
    cross{"corpus.records", "cross", &::corpus::records::expected_::cross};

/// The name.
///
///     def name_of(item: Named) -> str
inline const holdfast::function<std::string(Named)>
    name_of{"corpus.records", "name_of", &::corpus::records::expected_::name_of};

/// A generic record, closed.
///
///     def extent(pair: Pair[int]) -> Pair[float]
inline const holdfast::function<Pair_float(Pair_int)>
    extent{"corpus.records", "extent", &::corpus::records::expected_::extent};

/// Records as keys.
///
///     def by_level(levels: list[Level]) -> dict[Level, int]
inline const holdfast::function<std::map<Level, std::int64_t>(std::vector<Level>)>
    by_level{"corpus.records", "by_level", &::corpus::records::expected_::by_level};

/// No fields go both ways.
///
///     def nothing(empty: Empty) -> Empty
inline const holdfast::function<Empty(Empty)>
    nothing{"corpus.records", "nothing", &::corpus::records::expected_::nothing};

/// What C++ reserves.
///
///     def reserved(value: Reserved) -> Reserved
inline const holdfast::function<Reserved(Reserved)>
    reserved{"corpus.records", "reserved", &::corpus::records::expected_::reserved};

/// Says Book, and has something else deep inside.
///
///     def broken() -> Book
inline const holdfast::function<Book()>
    broken{"corpus.records", "broken", &::corpus::records::expected_::broken};

/// What C++ leaves out, Python fills in.
///
///     def stamped(value: Stamped) -> Stamped
inline const holdfast::function<Stamped(Stamped)>
    stamped{"corpus.records", "stamped", &::corpus::records::expected_::stamped};

/// Methods of records are functions that take the record first.
///
///     def Book.value(self) -> float
inline const holdfast::function<double(Book)>
    Book_value{"corpus.records", "Book.value", &::corpus::records::expected_::Book_value};

/// A method that takes more.
///
///     def Book.scaled(self, rate: float, *, digits: int = 2) -> Book
inline const holdfast::function<Book(Book, double, holdfast::defaulted<std::int64_t>)>
    Book_scaled{"corpus.records", "Book.scaled", {"digits"}, &::corpus::records::expected_::Book_scaled};

/// A class method is a function without the record.
///
///     def Book.empty(cls, symbol: str) -> Book
inline const holdfast::function<Book(std::string_view)>
    Book_empty{"corpus.records", "Book.empty", &::corpus::records::expected_::Book_empty};

/// A static one as well.
///
///     def Book.name_of(side: Side) -> str
inline const holdfast::function<std::string(Side)>
    Book_name_of{"corpus.records", "Book.name_of", &::corpus::records::expected_::Book_name_of};

}  // namespace corpus::records
// clang-format on
