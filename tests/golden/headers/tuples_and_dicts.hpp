// tuples_and_dicts.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Named tuples and typed dicts.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::tuples_and_dicts {
struct Bare;
struct Header;
struct Options;
struct Point;
struct Request;
struct Segment;
}  // namespace corpus::tuples_and_dicts

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Point
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Point 0xcb1f6d4d544f1c11

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Point = holdfast::detail::expect("cb1f6d4d544f1c11", "class Point");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
/// Two coordinates.
struct Point {
    double x{};
    double y = 0.0;
};

inline bool operator==(const Point &a, const Point &b) {
    return std::tie(a.x, a.y) == std::tie(b.x, b.y);
}
inline bool operator<(const Point &a, const Point &b) {
    return std::tie(a.x, a.y) < std::tie(b.x, b.y);
}
inline bool operator!=(const Point &a, const Point &b) {
    return !(a == b);
}
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Point> : holdfast::named_tuple {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Point";
    static constexpr const char *fields[] = {"x", "y"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::tuples_and_dicts::expected_::Point;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.x);
        each(value.y);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Point != 0xcb1f6d4d544f1c11
#error "corpus.tuples_and_dicts.Point has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Segment
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Segment 0x1628312cfe3e0929

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Segment = holdfast::detail::expect("1628312cfe3e0929", "class Segment");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
struct Segment {
    Point start;
    Point end;
};

inline bool operator==(const Segment &a, const Segment &b) {
    return std::tie(a.start, a.end) == std::tie(b.start, b.end);
}
inline bool operator<(const Segment &a, const Segment &b) {
    return std::tie(a.start, a.end) < std::tie(b.start, b.end);
}
inline bool operator!=(const Segment &a, const Segment &b) {
    return !(a == b);
}
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Segment> : holdfast::named_tuple {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Segment";
    static constexpr const char *fields[] = {"start", "end"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::tuples_and_dicts::expected_::Segment;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.start);
        each(value.end);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Segment != 0x1628312cfe3e0929
#error "corpus.tuples_and_dicts.Segment has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Bare
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Bare 0x174258361481d29b

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Bare = holdfast::detail::expect("174258361481d29b", "class Bare");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
struct Bare {
    holdfast::object a;
    holdfast::object b;
};
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Bare> : holdfast::named_tuple {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Bare";
    static constexpr const char *fields[] = {"a", "b"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::tuples_and_dicts::expected_::Bare;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.a);
        each(value.b);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Bare != 0x174258361481d29b
#error "corpus.tuples_and_dicts.Bare has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Options
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Options 0x4addf0194d1084a8

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Options = holdfast::detail::expect("4addf0194d1084a8", "class Options");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
/// Every key may be missing.
struct Options {
    std::optional<std::int64_t> depth;
    std::optional<std::string> name;
};

inline bool operator==(const Options &a, const Options &b) {
    return std::tie(a.depth, a.name) == std::tie(b.depth, b.name);
}
inline bool operator<(const Options &a, const Options &b) {
    return std::tie(a.depth, a.name) < std::tie(b.depth, b.name);
}
inline bool operator!=(const Options &a, const Options &b) {
    return !(a == b);
}
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Options> : holdfast::typed_dict {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Options";
    static constexpr const char *fields[] = {"depth", "name"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each.optional(value.depth);
        each.optional(value.name);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Options != 0x4addf0194d1084a8
#error "corpus.tuples_and_dicts.Options has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Request
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Request 0xdaabba1142b65853

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Request = holdfast::detail::expect("daabba1142b65853", "class Request");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
/// With keys of all kinds.
struct Request {
    std::string url;
    Options options;
    std::optional<std::int64_t> retries;
};

inline bool operator==(const Request &a, const Request &b) {
    return std::tie(a.url, a.options, a.retries) == std::tie(b.url, b.options, b.retries);
}
inline bool operator<(const Request &a, const Request &b) {
    return std::tie(a.url, a.options, a.retries) < std::tie(b.url, b.options, b.retries);
}
inline bool operator!=(const Request &a, const Request &b) {
    return !(a == b);
}
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Request> : holdfast::typed_dict {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Request";
    static constexpr const char *fields[] = {"url", "options", "retries"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.url);
        each(value.options);
        each.optional(value.retries);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Request != 0xdaabba1142b65853
#error "corpus.tuples_and_dicts.Request has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_tuples_and_dicts_Header
#define HOLDFAST_BOUND_corpus_tuples_and_dicts_Header 0x17417a327d138ddb

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto Header = holdfast::detail::expect("17417a327d138ddb", "class Header");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {
struct Header {
    std::string content_type;
    std::int64_t x{};
};

inline bool operator==(const Header &a, const Header &b) {
    return std::tie(a.content_type, a.x) == std::tie(b.content_type, b.x);
}
inline bool operator<(const Header &a, const Header &b) {
    return std::tie(a.content_type, a.x) < std::tie(b.content_type, b.x);
}
inline bool operator!=(const Header &a, const Header &b) {
    return !(a == b);
}
}  // namespace corpus::tuples_and_dicts

template <>
struct holdfast::record<::corpus::tuples_and_dicts::Header> : holdfast::typed_dict {
    static constexpr const char *module = "corpus.tuples_and_dicts";
    static constexpr const char *name = "Header";
    static constexpr const char *fields[] = {"content-type", "x"};
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.content_type);
        each(value.x);
    }
};
#elif HOLDFAST_BOUND_corpus_tuples_and_dicts_Header != 0x17417a327d138ddb
#error "corpus.tuples_and_dicts.Header has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::tuples_and_dicts::expected_ {
inline constexpr auto moved = holdfast::detail::expect(
    "1d38a8e58923d5bd",
    "def moved(point: Point, by: float) -> Point");
inline constexpr auto middle = holdfast::detail::expect(
    "509218a726d995d6",
    "def middle(segment: Segment) -> Point");
inline constexpr auto bare = holdfast::detail::expect("974f8524c2cd8319", "def bare(value: Bare) -> int");
inline constexpr auto describe = holdfast::detail::expect(
    "b92b5c0c1e34d555",
    "def describe(request: Request) -> str");
inline constexpr auto options = holdfast::detail::expect(
    "e2b1c52cccc90177",
    "def options(depth: int | None) -> Options");
inline constexpr auto header = holdfast::detail::expect(
    "e5c6a777ca0aa930",
    "def header(kind: str) -> Header");
}  // namespace corpus::tuples_and_dicts::expected_

namespace corpus::tuples_and_dicts {

/// To the right.
///
///     def moved(point: Point, by: float) -> Point
inline const holdfast::function<Point(Point, double)>
    moved{"corpus.tuples_and_dicts", "moved", &::corpus::tuples_and_dicts::expected_::moved};

/// Of a segment.
///
///     def middle(segment: Segment) -> Point
inline const holdfast::function<Point(Segment)>
    middle{"corpus.tuples_and_dicts", "middle", &::corpus::tuples_and_dicts::expected_::middle};

/// Fields are objects.
///
///     def bare(value: Bare) -> int
inline const holdfast::function<std::int64_t(Bare)>
    bare{"corpus.tuples_and_dicts", "bare", &::corpus::tuples_and_dicts::expected_::bare};

/// What was asked for.
///
///     def describe(request: Request) -> str
inline const holdfast::function<std::string(Request)>
    describe{"corpus.tuples_and_dicts", "describe", &::corpus::tuples_and_dicts::expected_::describe};

/// A key that is missing stays missing.
///
///     def options(depth: int | None) -> Options
inline const holdfast::function<Options(std::optional<std::int64_t>)>
    options{"corpus.tuples_and_dicts", "options", &::corpus::tuples_and_dicts::expected_::options};

/// Keys that are no names.
///
///     def header(kind: str) -> Header
inline const holdfast::function<Header(std::string_view)>
    header{"corpus.tuples_and_dicts", "header", &::corpus::tuples_and_dicts::expected_::header};

}  // namespace corpus::tuples_and_dicts
// clang-format on
