// overloads.py, for C++: made by `holdfast bind`. Edits are lost.
//
// One name, several signatures.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/handle.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::overloads {
class Meter;
}  // namespace corpus::overloads

#ifndef HOLDFAST_BOUND_corpus_overloads_Meter
#define HOLDFAST_BOUND_corpus_overloads_Meter 0x5e51ea056de81d77

namespace corpus::overloads::expected_ {
inline constexpr auto Meter = holdfast::detail::expect("5e51ea056de81d77", "class Meter");
inline constexpr auto Meter_put = holdfast::detail::expect(
    "6d3a6caaee2d91c7",
    "def Meter.put(self, value: bool) -> str");
}  // namespace corpus::overloads::expected_

namespace corpus::overloads {
/// With methods and constructors that differ so.
class Meter : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.overloads";
    static constexpr const char *python_name = "Meter";
    using holdfast::handle::handle;

    /// def Meter.__init__(self, first: int) -> None
    explicit Meter(
        holdfast::argument<holdfast::exact<std::int64_t>> first,
        holdfast::call_site site = holdfast::call_site::current());
    static Meter create(
        holdfast::argument<holdfast::exact<std::int64_t>> first,
        holdfast::call_site site = holdfast::call_site::current());

    /// def Meter.__init__(self, first: float) -> None
    explicit Meter(
        holdfast::argument<holdfast::exact<double>> first,
        holdfast::call_site site = holdfast::call_site::current());
    static Meter create(
        holdfast::argument<holdfast::exact<double>> first,
        holdfast::call_site site = holdfast::call_site::current());

    /// def Meter.put(self, value: bool) -> str
    std::string put(
        holdfast::argument<holdfast::exact<bool>> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// def Meter.put(self, value: int) -> str
    std::string put(
        holdfast::argument<holdfast::exact<std::int64_t>> value,
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::overloads

#elif HOLDFAST_BOUND_corpus_overloads_Meter != 0x5e51ea056de81d77
#error "corpus.overloads.Meter has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::overloads::expected_ {
inline constexpr auto parse = holdfast::detail::expect("8a530ecd716ebfb5", "def parse(value: str) -> int");
inline constexpr auto twice = holdfast::detail::expect("2f3e1480fcf454f6", "def twice(value: int) -> int");
inline constexpr auto kind = holdfast::detail::expect("f7e7482bb790dc8a", "def kind(value: bool) -> str");
}  // namespace corpus::overloads::expected_

namespace corpus::overloads {

/// One of 3 signatures.
inline const holdfast::overloads parse{
    // def parse(value: str) -> int
    holdfast::function<std::int64_t(std::string_view)>{"corpus.overloads", "parse", &::corpus::overloads::expected_::parse},
    // def parse(value: bytes, base: int = ...) -> int
    holdfast::function<std::int64_t(holdfast::bytes_view, holdfast::defaulted<std::int64_t>)>{"corpus.overloads", "parse", {"base"}, &::corpus::overloads::expected_::parse},
    // def parse(value: list[str]) -> list[int]
    holdfast::function<std::vector<std::int64_t>(std::vector<std::string>)>{"corpus.overloads", "parse", &::corpus::overloads::expected_::parse}};

/// One of 2 signatures.
inline const holdfast::overloads twice{
    // def twice(value: int) -> int
    holdfast::function<std::int64_t(std::int64_t)>{"corpus.overloads", "twice", &::corpus::overloads::expected_::twice},
    // def twice(value: str, *, sep: str = ...) -> str
    holdfast::function<std::string(std::string_view, holdfast::defaulted<std::string_view>)>{"corpus.overloads", "twice", {"sep"}, &::corpus::overloads::expected_::twice}};

/// One of 3 signatures.
inline const holdfast::overloads kind{
    // def kind(value: bool) -> str
    holdfast::function<std::string(holdfast::exact<bool>)>{"corpus.overloads", "kind", &::corpus::overloads::expected_::kind},
    // def kind(value: int) -> str
    holdfast::function<std::string(holdfast::exact<std::int64_t>)>{"corpus.overloads", "kind", &::corpus::overloads::expected_::kind},
    // def kind(value: float, places: int = ...) -> str
    holdfast::function<std::string(holdfast::exact<double>, holdfast::defaulted<holdfast::exact<std::int64_t>>)>{"corpus.overloads", "kind", {"places"}, &::corpus::overloads::expected_::kind}};

}  // namespace corpus::overloads

#ifndef HOLDFAST_BOUND_corpus_overloads_Meter_CALLS
#define HOLDFAST_BOUND_corpus_overloads_Meter_CALLS
namespace corpus::overloads::calls_ {
inline const holdfast::function<holdfast::object(holdfast::exact<std::int64_t>)>
    Meter_create_1_{"corpus.overloads", "Meter", &::corpus::overloads::expected_::Meter};
inline const holdfast::function<holdfast::object(holdfast::exact<double>)>
    Meter_create_2_{"corpus.overloads", "Meter", &::corpus::overloads::expected_::Meter};
inline const holdfast::method<std::string(holdfast::exact<bool>)>
    Meter_put_1_{"corpus.overloads", "Meter.put", &::corpus::overloads::expected_::Meter_put};
inline const holdfast::method<std::string(holdfast::exact<std::int64_t>)>
    Meter_put_2_{"corpus.overloads", "Meter.put", &::corpus::overloads::expected_::Meter_put};
}  // namespace corpus::overloads::calls_

namespace corpus::overloads {
inline Meter Meter::create(
    holdfast::argument<holdfast::exact<std::int64_t>> first_,
    holdfast::call_site site) {
    return Meter(calls_::Meter_create_1_(first_, site));
}
inline Meter::Meter(holdfast::argument<holdfast::exact<std::int64_t>> first_, holdfast::call_site site)
    : Meter(calls_::Meter_create_1_(first_, site)) {}
inline Meter Meter::create(holdfast::argument<holdfast::exact<double>> first_, holdfast::call_site site) {
    return Meter(calls_::Meter_create_2_(first_, site));
}
inline Meter::Meter(holdfast::argument<holdfast::exact<double>> first_, holdfast::call_site site)
    : Meter(calls_::Meter_create_2_(first_, site)) {}
inline std::string Meter::put(
    holdfast::argument<holdfast::exact<bool>> value_,
    holdfast::call_site site) const {
    return calls_::Meter_put_1_(self(), value_, site);
}
inline std::string Meter::put(
    holdfast::argument<holdfast::exact<std::int64_t>> value_,
    holdfast::call_site site) const {
    return calls_::Meter_put_2_(self(), value_, site);
}
}  // namespace corpus::overloads
#endif
// clang-format on
