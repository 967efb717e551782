// recursive.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Aliases that contain themselves.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/calls/recursive.hpp>
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

namespace corpus::recursive {
struct Entry;
struct Expression;
struct Folder;
struct Json;
struct Nested;
struct Section;
}  // namespace corpus::recursive

#ifndef HOLDFAST_BOUND_corpus_recursive_Section
#define HOLDFAST_BOUND_corpus_recursive_Section 0x8510d0fd2fdcf2d6

namespace corpus::recursive::expected_ {
inline constexpr auto Section = holdfast::detail::expect("8510d0fd2fdcf2d6", "class Section");
}  // namespace corpus::recursive::expected_

namespace corpus::recursive {
/// A record in an alias in the record.
struct Section {
    std::string title;
    std::vector<std::variant<std::string, Section>> parts;
};

inline bool operator==(const Section &a, const Section &b) {
    return std::tie(a.title, a.parts) == std::tie(b.title, b.parts);
}
inline bool operator<(const Section &a, const Section &b) {
    return std::tie(a.title, a.parts) < std::tie(b.title, b.parts);
}
inline bool operator!=(const Section &a, const Section &b) {
    return !(a == b);
}
}  // namespace corpus::recursive

template <>
struct holdfast::record<::corpus::recursive::Section> : holdfast::dataclass {
    static constexpr const char *module = "corpus.recursive";
    static constexpr const char *name = "Section";
    static constexpr const char *fields[] = {"title", "parts"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::recursive::expected_::Section;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.title);
        each(value.parts);
    }
};
#elif HOLDFAST_BOUND_corpus_recursive_Section != 0x8510d0fd2fdcf2d6
#error "corpus.recursive.Section has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Json
#define HOLDFAST_BOUND_corpus_recursive_Json 0x045df358271874f5

namespace corpus::recursive {
/// Json = dict[str, Json] | list[Json] | str | int | float | bool | None
struct Json : holdfast::recursive<std::optional<std::variant<
    std::map<std::string, Json>,
    std::vector<Json>,
    std::string,
    std::int64_t,
    double,
    bool>>> {
    using recursive::recursive;
};
}  // namespace corpus::recursive

#elif HOLDFAST_BOUND_corpus_recursive_Json != 0x045df358271874f5
#error "corpus.recursive.Json has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Nested
#define HOLDFAST_BOUND_corpus_recursive_Nested 0xa76e32b46bea8359

namespace corpus::recursive {
/// Nested = list['Nested']
struct Nested : holdfast::recursive<std::vector<Nested>> {
    using recursive::recursive;
};
}  // namespace corpus::recursive

#elif HOLDFAST_BOUND_corpus_recursive_Nested != 0xa76e32b46bea8359
#error "corpus.recursive.Nested has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Expression
#define HOLDFAST_BOUND_corpus_recursive_Expression 0x16d92fadd05c73d9

namespace corpus::recursive {
/// Expression = Union[int, tuple[str, 'Expression', 'Expression']]
struct Expression : holdfast::recursive<std::variant<
    std::int64_t,
    std::tuple<std::string, holdfast::boxed<Expression>, holdfast::boxed<Expression>>>> {
    using recursive::recursive;
};
}  // namespace corpus::recursive

#elif HOLDFAST_BOUND_corpus_recursive_Expression != 0x16d92fadd05c73d9
#error "corpus.recursive.Expression has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Folder
#define HOLDFAST_BOUND_corpus_recursive_Folder 0xcad4fd5293921c55

namespace corpus::recursive {
/// Folder = dict[str, 'Entry']
struct Folder : holdfast::recursive<std::map<std::string, Entry>> {
    using recursive::recursive;
};
}  // namespace corpus::recursive

#elif HOLDFAST_BOUND_corpus_recursive_Folder != 0xcad4fd5293921c55
#error "corpus.recursive.Folder has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Entry
#define HOLDFAST_BOUND_corpus_recursive_Entry 0xa71c44e73f175505

namespace corpus::recursive {
/// Entry = Union[int, Folder]
struct Entry : holdfast::recursive<std::variant<std::int64_t, Folder>> {
    using recursive::recursive;
};
}  // namespace corpus::recursive

#elif HOLDFAST_BOUND_corpus_recursive_Entry != 0xa71c44e73f175505
#error "corpus.recursive.Entry has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Json_EQUAL
#define HOLDFAST_BOUND_corpus_recursive_Json_EQUAL
namespace corpus::recursive {
inline bool operator==(const Json &a, const Json &b) {
    return a.value == b.value;
}
inline bool operator!=(const Json &a, const Json &b) {
    return !(a == b);
}
}  // namespace corpus::recursive
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Nested_EQUAL
#define HOLDFAST_BOUND_corpus_recursive_Nested_EQUAL
namespace corpus::recursive {
inline bool operator==(const Nested &a, const Nested &b) {
    return a.value == b.value;
}
inline bool operator!=(const Nested &a, const Nested &b) {
    return !(a == b);
}
}  // namespace corpus::recursive
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Expression_EQUAL
#define HOLDFAST_BOUND_corpus_recursive_Expression_EQUAL
namespace corpus::recursive {
inline bool operator==(const Expression &a, const Expression &b) {
    return a.value == b.value;
}
inline bool operator!=(const Expression &a, const Expression &b) {
    return !(a == b);
}
}  // namespace corpus::recursive
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Entry_EQUAL
#define HOLDFAST_BOUND_corpus_recursive_Entry_EQUAL
namespace corpus::recursive {
inline bool operator==(const Entry &a, const Entry &b) {
    return a.value == b.value;
}
inline bool operator!=(const Entry &a, const Entry &b) {
    return !(a == b);
}
}  // namespace corpus::recursive
#endif

#ifndef HOLDFAST_BOUND_corpus_recursive_Folder_EQUAL
#define HOLDFAST_BOUND_corpus_recursive_Folder_EQUAL
namespace corpus::recursive {
inline bool operator==(const Folder &a, const Folder &b) {
    return a.value == b.value;
}
inline bool operator!=(const Folder &a, const Folder &b) {
    return !(a == b);
}
}  // namespace corpus::recursive
#endif

namespace corpus::recursive::expected_ {
inline constexpr auto same = holdfast::detail::expect("755d663d8d19f022", "def same(value: Json) -> Json");
inline constexpr auto leaves = holdfast::detail::expect("6e1bca457751c3f9", "def leaves(value: Json) -> int");
inline constexpr auto by_name = holdfast::detail::expect(
    "edb9e4badee53c28",
    "def by_name(values: dict[str, Json]) -> list[Json]");
inline constexpr auto maybe = holdfast::detail::expect(
    "71a0fac603b67e03",
    "def maybe(value: Json = None) -> Json");
inline constexpr auto depth = holdfast::detail::expect("619996597a05a9e5", "def depth(value: Nested) -> int");
inline constexpr auto ring = holdfast::detail::expect("407e364a185d04e4", "def ring() -> Nested");
inline constexpr auto wrong = holdfast::detail::expect("20ff71a582734d08", "def wrong() -> Json");
inline constexpr auto evaluate = holdfast::detail::expect(
    "6e876238968e95d7",
    "def evaluate(expression: Expression) -> int");
inline constexpr auto flipped = holdfast::detail::expect(
    "44505b483e2030fd",
    "def flipped(expression: Expression) -> Expression");
inline constexpr auto size = holdfast::detail::expect("a7d06ddf7549eca5", "def size(folder: Folder) -> int");
inline constexpr auto find = holdfast::detail::expect(
    "bcfd9c20ec46ebc7",
    "def find(entry: Entry, name: str) -> Entry | None");
inline constexpr auto titles = holdfast::detail::expect(
    "e593d382a68d7b12",
    "def titles(part: Part) -> list[str]");
inline constexpr auto outline = holdfast::detail::expect(
    "74bae456a494b5da",
    "def outline(names: list[str]) -> Part");
}  // namespace corpus::recursive::expected_

namespace corpus::recursive {

/// There and back.
///
///     def same(value: Json) -> Json
inline const holdfast::function<Json(Json)>
    same{"corpus.recursive", "same", &::corpus::recursive::expected_::same};

/// How many values are no containers.
///
///     def leaves(value: Json) -> int
inline const holdfast::function<std::int64_t(Json)>
    leaves{"corpus.recursive", "leaves", &::corpus::recursive::expected_::leaves};

/// Within other types.
///
///     def by_name(values: dict[str, Json]) -> list[Json]
inline const holdfast::function<std::vector<Json>(std::map<std::string, Json>)>
    by_name{"corpus.recursive", "by_name", &::corpus::recursive::expected_::by_name};

/// Left out, or given.
///
///     def maybe(value: Json = None) -> Json
inline const holdfast::function<Json(holdfast::defaulted<Json>)>
    maybe{"corpus.recursive", "maybe", {"value"}, &::corpus::recursive::expected_::maybe};

/// No union at all.
///
///     def depth(value: Nested) -> int
inline const holdfast::function<std::int64_t(Nested)>
    depth{"corpus.recursive", "depth", &::corpus::recursive::expected_::depth};

/// A list that contains itself has no end.
///
///     def ring() -> Nested
inline const holdfast::function<Nested()>
    ring{"corpus.recursive", "ring", &::corpus::recursive::expected_::ring};

/// Something that is no Json, far down.
///
///     def wrong() -> Json
inline const holdfast::function<Json()>
    wrong{"corpus.recursive", "wrong", &::corpus::recursive::expected_::wrong};

/// Tuples hold their elements by value, so these are in boxes.
///
///     def evaluate(expression: Expression) -> int
inline const holdfast::function<std::int64_t(Expression)>
    evaluate{"corpus.recursive", "evaluate", &::corpus::recursive::expected_::evaluate};

/// And back.
///
///     def flipped(expression: Expression) -> Expression
inline const holdfast::function<Expression(Expression)>
    flipped{"corpus.recursive", "flipped", &::corpus::recursive::expected_::flipped};

/// Two aliases.
///
///     def size(folder: Folder) -> int
inline const holdfast::function<std::int64_t(Folder)>
    size{"corpus.recursive", "size", &::corpus::recursive::expected_::size};

/// The other one.
///
///     def find(entry: Entry, name: str) -> Entry | None
inline const holdfast::function<std::optional<Entry>(Entry, std::string_view)>
    find{"corpus.recursive", "find", &::corpus::recursive::expected_::find};

/// Of all sections.
///
///     def titles(part: Part) -> list[str]
inline const holdfast::function<std::vector<std::string>(std::variant<std::string, Section>)>
    titles{"corpus.recursive", "titles", &::corpus::recursive::expected_::titles};

/// Each within the one before it.
///
///     def outline(names: list[str]) -> Part
inline const holdfast::function<std::variant<std::string, Section>(std::vector<std::string>)>
    outline{"corpus.recursive", "outline", &::corpus::recursive::expected_::outline};

}  // namespace corpus::recursive
// clang-format on
