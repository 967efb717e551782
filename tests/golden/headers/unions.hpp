// unions.py, for C++: made by `holdfast bind`. Edits are lost.
//
// One of several types, and None.
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
struct Level;
struct Node;
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

namespace corpus::unions::expected_ {
inline constexpr auto kind = holdfast::detail::expect(
    "4186fa97c3ab35c8",
    "def kind(value: int | str | bytes) -> str");
inline constexpr auto number = holdfast::detail::expect(
    "72cca5ccc4bb3b14",
    "def number(text: str) -> Number");
inline constexpr auto maybe = holdfast::detail::expect(
    "1175f3f6709ccf34",
    "def maybe(value: Optional[int]) -> int | None");
inline constexpr auto either = holdfast::detail::expect(
    "277acaa10c930f46",
    "def either(value: Union[None, int, list[str]]) -> Union[int, list[str], None]");
inline constexpr auto record = holdfast::detail::expect(
    "01189a1f0d6efe85",
    "def record(value: Level | Node) -> bool");
inline constexpr auto inside = holdfast::detail::expect(
    "20b4df8bcc8f4837",
    "def inside(values: list[int | str]) -> dict[str, int | None]");
inline constexpr auto whatever = holdfast::detail::expect(
    "89f38c61a500e7cb",
    "def whatever(value: int | Any) -> Any | None");
inline constexpr auto same = holdfast::detail::expect(
    "034ddb70f9097cf3",
    "def same(value: AnyStr) -> AnyStr");
}  // namespace corpus::unions::expected_

namespace corpus::unions {

/// Which of them it is.
///
///     def kind(value: int | str | bytes) -> str
inline const holdfast::function<std::string(std::variant<std::int64_t, std::string, holdfast::bytes>)>
    kind{"corpus.unions", "kind", &::corpus::unions::expected_::kind};

/// An int if it is one.
///
///     def number(text: str) -> Number
inline const holdfast::function<std::variant<std::int64_t, double>(std::string_view)>
    number{"corpus.unions", "number", &::corpus::unions::expected_::number};

/// Goes both ways.
///
///     def maybe(value: Optional[int]) -> int | None
inline const holdfast::function<std::optional<std::int64_t>(std::optional<std::int64_t>)>
    maybe{"corpus.unions", "maybe", &::corpus::unions::expected_::maybe};

/// None among several.
///
///     def either(value: Union[None, int, list[str]]) -> Union[int, list[str], None]
inline const holdfast::function<std::optional<std::variant<std::int64_t, std::vector<std::string>>>(
    std::optional<std::variant<std::int64_t, std::vector<std::string>>>)>
    either{"corpus.unions", "either", &::corpus::unions::expected_::either};

/// Records of another module.
///
///     def record(value: Level | Node) -> bool
inline const holdfast::function<bool(std::variant<::corpus::records::Level, ::corpus::records::Node>)>
    record{"corpus.unions", "record", &::corpus::unions::expected_::record};

/// Within containers.
///
///     def inside(values: list[int | str]) -> dict[str, int | None]
inline const holdfast::function<std::map<std::string, std::optional<std::int64_t>>(
    std::vector<std::variant<std::int64_t, std::string>>)>
    inside{"corpus.unions", "inside", &::corpus::unions::expected_::inside};

/// Anything at all makes it an object.
///
///     def whatever(value: int | Any) -> Any | None
inline const holdfast::function<holdfast::object(holdfast::object)>
    whatever{"corpus.unions", "whatever", &::corpus::unions::expected_::whatever};

/// Text or bytes.
///
///     def same(value: AnyStr) -> AnyStr
inline const holdfast::function<std::variant<std::string, holdfast::bytes>(
    std::variant<std::string, holdfast::bytes>)>
    same{"corpus.unions", "same", &::corpus::unions::expected_::same};

}  // namespace corpus::unions
// clang-format on
