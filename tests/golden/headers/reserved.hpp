// reserved.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Names that mean something to C++.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/enumeration.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/record.hpp>

#include <cstdint>
#include <string>
#include <tuple>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::reserved {
struct template_;
}  // namespace corpus::reserved

#ifndef HOLDFAST_BOUND_corpus_reserved_namespace_
#define HOLDFAST_BOUND_corpus_reserved_namespace_ 0xa0825286d6c91d65

namespace corpus::reserved::expected_ {
inline constexpr auto namespace_ = holdfast::detail::expect("a0825286d6c91d65", "class namespace");
}  // namespace corpus::reserved::expected_

namespace corpus::reserved {
/// A keyword as a class.
enum class namespace_ {
    private_,
    EOF_,
    none,
};
}  // namespace corpus::reserved

template <>
struct holdfast::enumeration<::corpus::reserved::namespace_> {
    static constexpr const char *module = "corpus.reserved";
    static constexpr const char *name = "namespace";
    static constexpr const char *members[] = {"private", "EOF", "none"};
    static constexpr ::corpus::reserved::namespace_ values[] = {
        ::corpus::reserved::namespace_::private_,
        ::corpus::reserved::namespace_::EOF_,
        ::corpus::reserved::namespace_::none};
    static constexpr bool is_flag = false;
    static constexpr const holdfast::detail::expectation *expected = &::corpus::reserved::expected_::namespace_;
};
#elif HOLDFAST_BOUND_corpus_reserved_namespace_ != 0xa0825286d6c91d65
#error "corpus.reserved.namespace has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_reserved_template_
#define HOLDFAST_BOUND_corpus_reserved_template_ 0x042677120d273695

namespace corpus::reserved::expected_ {
inline constexpr auto template_ = holdfast::detail::expect("042677120d273695", "class template");
}  // namespace corpus::reserved::expected_

namespace corpus::reserved {
/// A keyword as a record.
struct template_ {
    std::int64_t int_{};
    std::string class_;
    double π = 3.14;
};

inline bool operator==(const template_ &a, const template_ &b) {
    return std::tie(a.int_, a.class_, a.π) == std::tie(b.int_, b.class_, b.π);
}
inline bool operator<(const template_ &a, const template_ &b) {
    return std::tie(a.int_, a.class_, a.π) < std::tie(b.int_, b.class_, b.π);
}
inline bool operator!=(const template_ &a, const template_ &b) {
    return !(a == b);
}
}  // namespace corpus::reserved

template <>
struct holdfast::record<::corpus::reserved::template_> : holdfast::named_tuple {
    static constexpr const char *module = "corpus.reserved";
    static constexpr const char *name = "template";
    static constexpr const char *fields[] = {"int", "class_", "\317\200"};
    static constexpr const holdfast::detail::expectation *expected = &::corpus::reserved::expected_::template_;
    template <class Record, class Visitor>
    static void visit(Record &value, Visitor &each) {
        each(value.int_);
        each(value.class_);
        each(value.π);
    }
};
#elif HOLDFAST_BOUND_corpus_reserved_template_ != 0x042677120d273695
#error "corpus.reserved.template has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::reserved::expected_ {
inline constexpr auto switch_ = holdfast::detail::expect("f09fd62e32c5131b", "def switch(new: bool) -> bool");
inline constexpr auto delete_ = holdfast::detail::expect(
    "03d2d580a5907da6",
    "def delete(this: template, auto: namespace) -> template");
inline constexpr auto größe = holdfast::detail::expect(
    "08b341873380ab4c",
    "def gr\303\266\303\237e(ma\303\237: float) -> float");
}  // namespace corpus::reserved::expected_

namespace corpus::reserved {

/// A keyword as a function.
///
///     def switch(new: bool) -> bool
inline const holdfast::function<bool(bool)>
    switch_{"corpus.reserved", "switch", &::corpus::reserved::expected_::switch_};

/// All of them.
///
///     def delete(this: template, auto: namespace) -> template
inline const holdfast::function<template_(template_, namespace_)>
    delete_{"corpus.reserved", "delete", &::corpus::reserved::expected_::delete_};

/// Letters that are not in ASCII.
///
///     def größe(maß: float) -> float
inline const holdfast::function<double(double)>
    größe{"corpus.reserved", "gr\303\266\303\237e", &::corpus::reserved::expected_::größe};

}  // namespace corpus::reserved
// clang-format on
