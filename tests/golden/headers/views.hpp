// views.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Names that look like types of holdfast's own.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>
#include <holdfast/convert/sets_and_arrays.hpp>
#include <holdfast/convert/variant.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <variant>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::views {
struct Holder;
struct Visit;
struct double_view;
struct page_view;
}  // namespace corpus::views

#ifndef HOLDFAST_BOUND_corpus_views_literal_grid_view_context_manager
#define HOLDFAST_BOUND_corpus_views_literal_grid_view_context_manager 0xfe6cd831acd4c29d
namespace corpus::views {
/// Literal['grid_view', 'context_manager']
enum class literal_grid_view_context_manager {grid_view, context_manager};
}  // namespace corpus::views

template <>
struct holdfast::literal<::corpus::views::literal_grid_view_context_manager> {
    static constexpr holdfast::literal_value texts[] = {"grid_view", "context_manager"};
    static constexpr ::corpus::views::literal_grid_view_context_manager values[] = {
        ::corpus::views::literal_grid_view_context_manager::grid_view,
        ::corpus::views::literal_grid_view_context_manager::context_manager};
};
#elif HOLDFAST_BOUND_corpus_views_literal_grid_view_context_manager != 0xfe6cd831acd4c29d
#error "corpus.views.literal_grid_view_context_manager has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_literal_grid_view_list
#define HOLDFAST_BOUND_corpus_views_literal_grid_view_list 0x01e4d352b8201698
namespace corpus::views {
/// Literal['grid_view', 'list']
enum class literal_grid_view_list {grid_view, list};
}  // namespace corpus::views

template <>
struct holdfast::literal<::corpus::views::literal_grid_view_list> {
    static constexpr holdfast::literal_value texts[] = {"grid_view", "list"};
    static constexpr ::corpus::views::literal_grid_view_list values[] = {
        ::corpus::views::literal_grid_view_list::grid_view,
        ::corpus::views::literal_grid_view_list::list};
};
#elif HOLDFAST_BOUND_corpus_views_literal_grid_view_list != 0x01e4d352b8201698
#error "corpus.views.literal_grid_view_list has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_list_view
#define HOLDFAST_BOUND_corpus_views_list_view 0x869bf2b5fe689748

namespace corpus::views::expected_ {
inline constexpr auto list_view = holdfast::detail::expect("869bf2b5fe689748", "class list_view");
}  // namespace corpus::views::expected_

namespace corpus::views {
/// An enumeration, whose members have an order in C++.
enum class list_view {
    WIDE,
    NARROW,
};
}  // namespace corpus::views

template <>
struct holdfast::enumeration<::corpus::views::list_view> {
    static constexpr const char *module = "corpus.views";
    static constexpr const char *name = "list_view";
    static constexpr const char *members[] = {"WIDE", "NARROW"};
    static constexpr ::corpus::views::list_view values[] = {
        ::corpus::views::list_view::WIDE,
        ::corpus::views::list_view::NARROW};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::views::expected_::list_view;
};
#elif HOLDFAST_BOUND_corpus_views_list_view != 0x869bf2b5fe689748
#error "corpus.views.list_view has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_page_view
#define HOLDFAST_BOUND_corpus_views_page_view 0xe0e09f23f7a96561

namespace corpus::views::expected_ {
inline constexpr auto page_view = holdfast::detail::expect("e0e09f23f7a96561", "class page_view");
}  // namespace corpus::views::expected_

namespace corpus::views {
/// A record with an order.
struct page_view {
    std::int64_t page{};
    /// Empty: Python's default.
    std::optional<literal_grid_view_context_manager> mode;
};

inline bool operator==(const page_view &a, const page_view &b) {
    return std::tie(a.page, a.mode) == std::tie(b.page, b.mode);
}
inline bool operator<(const page_view &a, const page_view &b) {
    return std::tie(a.page, a.mode) < std::tie(b.page, b.mode);
}
inline bool operator!=(const page_view &a, const page_view &b) {
    return !(a == b);
}
}  // namespace corpus::views

template <>
struct holdfast::record<::corpus::views::page_view> : holdfast::dataclass {
    static constexpr const char *module = "corpus.views";
    static constexpr const char *name = "page_view";
    static constexpr const char *fields[] = {"page", "mode"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::views::expected_::page_view;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.page);
        each.defaulted(value.mode);
    }
};
#elif HOLDFAST_BOUND_corpus_views_page_view != 0xe0e09f23f7a96561
#error "corpus.views.page_view has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_Visit
#define HOLDFAST_BOUND_corpus_views_Visit 0x15b28c3422ee38dd

namespace corpus::views::expected_ {
inline constexpr auto Visit = holdfast::detail::expect("15b28c3422ee38dd", "class Visit");
}  // namespace corpus::views::expected_

namespace corpus::views {
/// Has the order of its fields.
struct Visit {
    page_view first;
    list_view by = list_view::WIDE;
};

inline bool operator==(const Visit &a, const Visit &b) {
    return std::tie(a.first, a.by) == std::tie(b.first, b.by);
}
inline bool operator<(const Visit &a, const Visit &b) {
    return std::tie(a.first, a.by) < std::tie(b.first, b.by);
}
inline bool operator!=(const Visit &a, const Visit &b) {
    return !(a == b);
}
}  // namespace corpus::views

template <>
struct holdfast::record<::corpus::views::Visit> : holdfast::dataclass {
    static constexpr const char *module = "corpus.views";
    static constexpr const char *name = "Visit";
    static constexpr const char *fields[] = {"first", "by"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::views::expected_::Visit;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.first);
        each(value.by);
    }
};
#elif HOLDFAST_BOUND_corpus_views_Visit != 0x15b28c3422ee38dd
#error "corpus.views.Visit has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_double_view
#define HOLDFAST_BOUND_corpus_views_double_view 0x5f903875847901ae

namespace corpus::views::expected_ {
inline constexpr auto double_view = holdfast::detail::expect("5f903875847901ae", "class double_view");
}  // namespace corpus::views::expected_

namespace corpus::views {
/// Begins like a number.
struct double_view {
    double value = 0.5;
};

inline bool operator==(const double_view &a, const double_view &b) {
    return std::tie(a.value) == std::tie(b.value);
}
inline bool operator<(const double_view &a, const double_view &b) {
    return std::tie(a.value) < std::tie(b.value);
}
inline bool operator!=(const double_view &a, const double_view &b) {
    return !(a == b);
}
}  // namespace corpus::views

template <>
struct holdfast::record<::corpus::views::double_view> : holdfast::dataclass {
    static constexpr const char *module = "corpus.views";
    static constexpr const char *name = "double_view";
    static constexpr const char *fields[] = {"value"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::views::expected_::double_view;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.value);
    }
};
#elif HOLDFAST_BOUND_corpus_views_double_view != 0x5f903875847901ae
#error "corpus.views.double_view has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_views_Holder
#define HOLDFAST_BOUND_corpus_views_Holder 0x10b037091772783e

namespace corpus::views::expected_ {
inline constexpr auto Holder = holdfast::detail::expect("10b037091772783e", "class Holder");
}  // namespace corpus::views::expected_

namespace corpus::views {
/// A default that only a number could have.
struct Holder {
    /// Empty: Python's default.
    std::optional<std::variant<double_view, double>> inner;
};

inline bool operator==(const Holder &a, const Holder &b) {
    return std::tie(a.inner) == std::tie(b.inner);
}
inline bool operator<(const Holder &a, const Holder &b) {
    return std::tie(a.inner) < std::tie(b.inner);
}
inline bool operator!=(const Holder &a, const Holder &b) {
    return !(a == b);
}
}  // namespace corpus::views

template <>
struct holdfast::record<::corpus::views::Holder> : holdfast::dataclass {
    static constexpr const char *module = "corpus.views";
    static constexpr const char *name = "Holder";
    static constexpr const char *fields[] = {"inner"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::views::expected_::Holder;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each.defaulted(value.inner);
    }
};
#elif HOLDFAST_BOUND_corpus_views_Holder != 0x10b037091772783e
#error "corpus.views.Holder has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::views::expected_ {
inline constexpr auto distinct = holdfast::detail::expect(
    "918f2e4fea9ff267",
    "def distinct(visits: list[Visit]) -> set[Visit]");
inline constexpr auto count = holdfast::detail::expect(
    "6c65345efa3accdc",
    "def count(modes: dict[list_view, int], kinds: set[Literal['grid_view', 'list']]) -> int");
}  // namespace corpus::views::expected_

namespace corpus::views {

/// A set of them.
///
///     def distinct(visits: list[Visit]) -> set[Visit]
inline const holdfast::function<std::set<Visit>(std::vector<Visit>)>
    distinct{"corpus.views", "distinct", &::corpus::views::expected_::distinct};

/// Keys of both kinds.
///
///     def count(modes: dict[list_view, int], kinds: set[Literal['grid_view', 'list']]) -> int
inline const holdfast::function<std::int64_t(
    std::map<list_view, std::int64_t>,
    std::set<literal_grid_view_list>)>
    count{"corpus.views", "count", &::corpus::views::expected_::count};

}  // namespace corpus::views
// clang-format on
