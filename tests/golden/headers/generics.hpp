// generics.py, for C++: made by `holdfast bind`. Edits are lost.
//
// PEP 695: aliases and generics in their new form.
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
#include <tuple>
#include <variant>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::generics {
struct Box_int;
struct Box_list_int;
struct Json;
}  // namespace corpus::generics

#ifndef HOLDFAST_BOUND_corpus_generics_Box_list_int
#define HOLDFAST_BOUND_corpus_generics_Box_list_int 0x428dacc0971e6564

namespace corpus::generics::expected_ {
inline constexpr auto Box_list_int = holdfast::detail::expect("428dacc0971e6564", "class Box");
}  // namespace corpus::generics::expected_

namespace corpus::generics {
/// Of any type.
struct Box_list_int {
    std::vector<std::int64_t> content;
};

inline bool operator==(const Box_list_int &a, const Box_list_int &b) {
    return std::tie(a.content) == std::tie(b.content);
}
inline bool operator<(const Box_list_int &a, const Box_list_int &b) {
    return std::tie(a.content) < std::tie(b.content);
}
inline bool operator!=(const Box_list_int &a, const Box_list_int &b) {
    return !(a == b);
}
}  // namespace corpus::generics

template <>
struct holdfast::record<::corpus::generics::Box_list_int> : holdfast::dataclass {
    static constexpr const char *module = "corpus.generics";
    static constexpr const char *name = "Box";
    static constexpr const char *fields[] = {"content"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::generics::expected_::Box_list_int;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.content);
    }
};
#elif HOLDFAST_BOUND_corpus_generics_Box_list_int != 0x428dacc0971e6564
#error "corpus.generics.Box has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_generics_Box_int
#define HOLDFAST_BOUND_corpus_generics_Box_int 0x428dacc0971e6564

namespace corpus::generics::expected_ {
inline constexpr auto Box_int = holdfast::detail::expect("428dacc0971e6564", "class Box");
}  // namespace corpus::generics::expected_

namespace corpus::generics {
/// Of any type.
struct Box_int {
    std::int64_t content{};
};

inline bool operator==(const Box_int &a, const Box_int &b) {
    return std::tie(a.content) == std::tie(b.content);
}
inline bool operator<(const Box_int &a, const Box_int &b) {
    return std::tie(a.content) < std::tie(b.content);
}
inline bool operator!=(const Box_int &a, const Box_int &b) {
    return !(a == b);
}
}  // namespace corpus::generics

template <>
struct holdfast::record<::corpus::generics::Box_int> : holdfast::dataclass {
    static constexpr const char *module = "corpus.generics";
    static constexpr const char *name = "Box";
    static constexpr const char *fields[] = {"content"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::generics::expected_::Box_int;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.content);
    }
};
#elif HOLDFAST_BOUND_corpus_generics_Box_int != 0x428dacc0971e6564
#error "corpus.generics.Box has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_generics_Json
#define HOLDFAST_BOUND_corpus_generics_Json 0x0d537be250ee4261

namespace corpus::generics {
/// Json = dict[str, Json] | list[Json] | str | float | None
struct Json : holdfast::recursive<std::optional<std::variant<
    std::map<std::string, Json>,
    std::vector<Json>,
    std::string,
    double>>> {
    using recursive::recursive;
};
}  // namespace corpus::generics

#elif HOLDFAST_BOUND_corpus_generics_Json != 0x0d537be250ee4261
#error "corpus.generics.Json has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_generics_Json_EQUAL
#define HOLDFAST_BOUND_corpus_generics_Json_EQUAL
namespace corpus::generics {
inline bool operator==(const Json &a, const Json &b) {
    return a.value == b.value;
}
inline bool operator!=(const Json &a, const Json &b) {
    return !(a == b);
}
}  // namespace corpus::generics
#endif

namespace corpus::generics::expected_ {
inline constexpr auto swapped = holdfast::detail::expect(
    "d7c665f6c4d127ee",
    "def swapped(pair: Pair[int]) -> Pair[int]");
inline constexpr auto boxed = holdfast::detail::expect(
    "d8a05a7e77e07bbd",
    "def boxed(ids: Ids) -> Box[list[int]]");
inline constexpr auto unbox = holdfast::detail::expect("83108e76a9f6f9af", "def unbox(box: Box[T]) -> T");
inline constexpr auto either = holdfast::detail::expect("686f323871945f84", "def either(value: T) -> T");
inline constexpr auto leaves = holdfast::detail::expect("438ce54f372a1f95", "def leaves(value: Json) -> int");
}  // namespace corpus::generics::expected_

namespace corpus::generics {

/// A generic alias, closed.
///
///     def swapped(pair: Pair[int]) -> Pair[int]
inline const holdfast::function<std::tuple<std::int64_t, std::int64_t>(
    std::tuple<std::int64_t, std::int64_t>)>
    swapped{"corpus.generics", "swapped", &::corpus::generics::expected_::swapped};

/// A generic record, closed.
///
///     def boxed(ids: Ids) -> Box[list[int]]
inline const holdfast::function<Box_list_int(std::vector<std::int64_t>)>
    boxed{"corpus.generics", "boxed", &::corpus::generics::expected_::boxed};

/// A parameter with a bound.
///
///     def unbox(box: Box[T]) -> T
inline const holdfast::function<std::int64_t(Box_int)>
    unbox{"corpus.generics", "unbox", &::corpus::generics::expected_::unbox};

/// A parameter with constraints.
///
///     def either(value: T) -> T
inline const holdfast::function<std::variant<std::int64_t, std::string>(
    std::variant<std::int64_t, std::string>)>
    either{"corpus.generics", "either", &::corpus::generics::expected_::either};

/// An alias that contains itself, without quotes.
///
///     def leaves(value: Json) -> int
inline const holdfast::function<std::int64_t(Json)>
    leaves{"corpus.generics", "leaves", &::corpus::generics::expected_::leaves};

}  // namespace corpus::generics
// clang-format on
