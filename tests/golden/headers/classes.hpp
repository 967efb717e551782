// classes.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Classes stay in Python; C++ holds handles.
#pragma once

// clang-format off

#include <holdfast/async.hpp>
#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/handle.hpp>
#include <holdfast/calls/range.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::classes {
class Counter;
class Fast;
class Owner;
class Owner_Inner;
class Seeded;
}  // namespace corpus::classes

#ifndef HOLDFAST_BOUND_corpus_classes_Owner
#define HOLDFAST_BOUND_corpus_classes_Owner 0xe532ef528768cdab

namespace corpus::classes::expected_ {
inline constexpr auto Owner = holdfast::detail::expect("e532ef528768cdab", "class Owner");
inline constexpr auto Owner_total = holdfast::detail::expect(
    "4a5a9726c3320ef1",
    "def Owner.total(self) -> int");
}  // namespace corpus::classes::expected_

namespace corpus::classes {
/// Holds others.
class Owner : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.classes";
    static constexpr const char *python_name = "Owner";
    using holdfast::handle::handle;

    /// With some, or none.
    ///
    ///     def Owner.__init__(self, items: list[Counter] | None = None) -> None
    static Owner create(
        holdfast::argument<holdfast::defaulted<std::optional<std::vector<Counter>>>> items = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    /// Of all.
    ///
    ///     def Owner.total(self) -> int
    std::int64_t total(holdfast::call_site site = holdfast::call_site::current()) const;

    [[nodiscard]] std::vector<Counter> items(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_items(
        holdfast::argument<std::vector<Counter>> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// A `with` block for the scope of the result.
    [[nodiscard]] holdfast::entered<Owner> enter(
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::classes

#elif HOLDFAST_BOUND_corpus_classes_Owner != 0xe532ef528768cdab
#error "corpus.classes.Owner has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Owner_Inner
#define HOLDFAST_BOUND_corpus_classes_Owner_Inner 0x7e49feef5904b2cc

namespace corpus::classes::expected_ {
inline constexpr auto Owner_Inner = holdfast::detail::expect("7e49feef5904b2cc", "class Owner.Inner");
inline constexpr auto Owner_Inner_hello = holdfast::detail::expect(
    "6dddae32d6a5ae5b",
    "def Owner.Inner.hello(self) -> str");
}  // namespace corpus::classes::expected_

namespace corpus::classes {
/// A class within.
class Owner_Inner : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.classes";
    static constexpr const char *python_name = "Owner.Inner";
    using holdfast::handle::handle;

    /// Take nothing.
    ///
    ///     def Owner.Inner.__init__(self) -> None
    static Owner_Inner create(holdfast::call_site site = holdfast::call_site::current());

    /// Speak.
    ///
    ///     def Owner.Inner.hello(self) -> str
    std::string hello(holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::classes

#elif HOLDFAST_BOUND_corpus_classes_Owner_Inner != 0x7e49feef5904b2cc
#error "corpus.classes.Owner.Inner has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Counter
#define HOLDFAST_BOUND_corpus_classes_Counter 0x80f668d75f39f96f

namespace corpus::classes::expected_ {
inline constexpr auto Counter = holdfast::detail::expect("80f668d75f39f96f", "class Counter");
inline constexpr auto Counter_add = holdfast::detail::expect(
    "db1299e870743da6",
    "def Counter.add(self, times: int = 1) -> Counter");
inline constexpr auto Counter_parse = holdfast::detail::expect(
    "f242e718878e0080",
    "def Counter.parse(cls, text: str) -> Counter");
inline constexpr auto Counter_zero = holdfast::detail::expect(
    "136953380a378faf",
    "def Counter.zero() -> Counter");
inline constexpr auto Counter_each = holdfast::detail::expect(
    "0a069139be7a81ca",
    "def Counter.each(self, count: int) -> Iterator[int]");
inline constexpr auto Counter_owner = holdfast::detail::expect(
    "5444f9015a33444a",
    "def Counter.owner(self) -> Owner | None");
inline constexpr auto Counter_wait = holdfast::detail::expect(
    "8285c8d5e93ada8b",
    "async def Counter.wait(self) -> int");
inline constexpr auto Counter_len_ = holdfast::detail::expect(
    "a4c7dd0255105023",
    "def Counter.__len__(self) -> int");
inline constexpr auto Counter_call_ = holdfast::detail::expect(
    "7f2dc5cd72ed8a80",
    "def Counter.__call__(self, text: str) -> str");
}  // namespace corpus::classes::expected_

namespace corpus::classes {
/// Counts.
class Counter : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.classes";
    static constexpr const char *python_name = "Counter";
    using holdfast::handle::handle;

    /// Begin at `start`.
    ///
    ///     def Counter.__init__(self, start: int, *, step: int = 1) -> None
    explicit Counter(
        holdfast::argument<std::int64_t> start,
        holdfast::argument<holdfast::defaulted<std::int64_t>> step = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());
    static Counter create(
        holdfast::argument<std::int64_t> start,
        holdfast::argument<holdfast::defaulted<std::int64_t>> step = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    /// Count on; returns itself.
    ///
    ///     def Counter.add(self, times: int = 1) -> Counter
    Counter add(
        holdfast::argument<holdfast::defaulted<std::int64_t>> times = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// From text.
    ///
    ///     def Counter.parse(cls, text: str) -> Counter
    static Counter parse(
        holdfast::argument<std::string_view> text,
        holdfast::call_site site = holdfast::call_site::current());

    /// Begins at zero.
    ///
    ///     def Counter.zero() -> Counter
    static Counter zero(holdfast::call_site site = holdfast::call_site::current());

    /// Values to come.
    ///
    ///     def Counter.each(self, count: int) -> Iterator[int]
    holdfast::range<std::int64_t> each(
        holdfast::argument<std::int64_t> count,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// Classes name each other.
    ///
    ///     def Counter.owner(self) -> Owner | None
    std::optional<Owner> owner(holdfast::call_site site = holdfast::call_site::current()) const;

    /// Later.
    ///
    ///     async def Counter.wait(self) -> int
    holdfast::task<std::int64_t> wait(holdfast::call_site site = holdfast::call_site::current()) const;

    /// How far it is.
    ///
    ///     def Counter.__len__(self) -> int
    std::int64_t size(holdfast::call_site site = holdfast::call_site::current()) const;

    /// As a function.
    ///
    ///     def Counter.__call__(self, text: str) -> str
    std::string operator()(
        holdfast::argument<std::string_view> text,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// How far each time.
    [[nodiscard]] std::int64_t step(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_step(
        holdfast::argument<std::int64_t> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// Computed once.
    [[nodiscard]] std::string name(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_name(
        holdfast::argument<std::string> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    [[nodiscard]] std::int64_t limit(holdfast::call_site site = holdfast::call_site::current()) const;

    [[nodiscard]] std::int64_t value(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_value(
        holdfast::argument<std::int64_t> value,
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::classes

#elif HOLDFAST_BOUND_corpus_classes_Counter != 0x80f668d75f39f96f
#error "corpus.classes.Counter has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Fast
#define HOLDFAST_BOUND_corpus_classes_Fast 0xac0da274b7b393f5

namespace corpus::classes::expected_ {
inline constexpr auto Fast = holdfast::detail::expect("ac0da274b7b393f5", "class Fast");
inline constexpr auto Fast_add = holdfast::detail::expect(
    "b4a6c5c9d04c5c6a",
    "def Fast.add(self, times: int = 1) -> Counter");
}  // namespace corpus::classes::expected_

namespace corpus::classes {
/// A class derived from another.
class Fast : public Counter {
public:
    static constexpr const char *python_module = "corpus.classes";
    static constexpr const char *python_name = "Fast";
    using Counter::Counter;

    /// Begin at `start`.
    ///
    ///     def Counter.__init__(self, start: int, *, step: int = 1) -> None
    explicit Fast(
        holdfast::argument<std::int64_t> start,
        holdfast::argument<holdfast::defaulted<std::int64_t>> step = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());
    static Fast create(
        holdfast::argument<std::int64_t> start,
        holdfast::argument<holdfast::defaulted<std::int64_t>> step = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    /// Twice as fast.
    ///
    ///     def Fast.add(self, times: int = 1) -> Counter
    Counter add(
        holdfast::argument<holdfast::defaulted<std::int64_t>> times = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::classes

#elif HOLDFAST_BOUND_corpus_classes_Fast != 0xac0da274b7b393f5
#error "corpus.classes.Fast has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Seeded
#define HOLDFAST_BOUND_corpus_classes_Seeded 0x9afe6e6b551e69a5

namespace corpus::classes::expected_ {
inline constexpr auto Seeded = holdfast::detail::expect("9afe6e6b551e69a5", "class Seeded");
}  // namespace corpus::classes::expected_

namespace corpus::classes {
/// A dataclass that is made from something else than its fields.
class Seeded : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.classes";
    static constexpr const char *python_name = "Seeded";
    using holdfast::handle::handle;

    /// Seeded(seed, value)
    explicit Seeded(
        holdfast::argument<std::int64_t> seed,
        holdfast::argument<holdfast::defaulted<std::int64_t>> value = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());
    static Seeded create(
        holdfast::argument<std::int64_t> seed,
        holdfast::argument<holdfast::defaulted<std::int64_t>> value = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    [[nodiscard]] std::int64_t value(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_value(
        holdfast::argument<std::int64_t> value,
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::classes

#elif HOLDFAST_BOUND_corpus_classes_Seeded != 0x9afe6e6b551e69a5
#error "corpus.classes.Seeded has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::classes::expected_ {
inline constexpr auto total = holdfast::detail::expect(
    "847a4f52fc7070eb",
    "def total(counters: list[Counter]) -> int");
inline constexpr auto make = holdfast::detail::expect(
    "06658e6d506505a2",
    "def make(fast: bool) -> Counter | None");
}  // namespace corpus::classes::expected_

namespace corpus::classes {

/// Counted below zero.
inline const holdfast::exception_class CounterError{"corpus.classes", "CounterError"};

/// Derived from another one of ours.
inline const holdfast::exception_class DeepError{"corpus.classes", "DeepError"};

/// Handles in containers.
///
///     def total(counters: list[Counter]) -> int
inline const holdfast::function<std::int64_t(std::vector<Counter>)>
    total{"corpus.classes", "total", &::corpus::classes::expected_::total};

/// Perhaps a handle.
///
///     def make(fast: bool) -> Counter | None
inline const holdfast::function<std::optional<Counter>(bool)>
    make{"corpus.classes", "make", &::corpus::classes::expected_::make};

}  // namespace corpus::classes

#ifndef HOLDFAST_BOUND_corpus_classes_Owner_CALLS
#define HOLDFAST_BOUND_corpus_classes_Owner_CALLS
namespace corpus::classes::calls_ {
inline const holdfast::function<holdfast::object(holdfast::defaulted<std::optional<std::vector<Counter>>>)>
    Owner_create_{"corpus.classes", "Owner", {"items"}, &::corpus::classes::expected_::Owner};
inline const holdfast::method<std::int64_t()>
    Owner_total_{"corpus.classes", "Owner.total", &::corpus::classes::expected_::Owner_total};
inline const holdfast::property<std::vector<Counter>> Owner_items_{"corpus.classes", "Owner.items"};
}  // namespace corpus::classes::calls_

namespace corpus::classes {
inline Owner Owner::create(
    holdfast::argument<holdfast::defaulted<std::optional<std::vector<Counter>>>> items_,
    holdfast::call_site site) {
    return Owner(calls_::Owner_create_(items_, site));
}
inline std::int64_t Owner::total(holdfast::call_site site) const {
    return calls_::Owner_total_(self(), site);
}
inline std::vector<Counter> Owner::items(holdfast::call_site site) const {
    return calls_::Owner_items_.get(self(), site);
}
inline void Owner::set_items(
    holdfast::argument<std::vector<Counter>> value_,
    holdfast::call_site site) const {
    calls_::Owner_items_.set(self(), value_, site);
}
inline holdfast::entered<Owner> Owner::enter(holdfast::call_site site) const {
    return holdfast::entered<Owner>(self(), site);
}
}  // namespace corpus::classes
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Owner_Inner_CALLS
#define HOLDFAST_BOUND_corpus_classes_Owner_Inner_CALLS
namespace corpus::classes::calls_ {
inline const holdfast::function<holdfast::object()>
    Owner_Inner_create_{"corpus.classes", "Owner.Inner", &::corpus::classes::expected_::Owner_Inner};
inline const holdfast::method<std::string()>
    Owner_Inner_hello_{"corpus.classes", "Owner.Inner.hello", &::corpus::classes::expected_::Owner_Inner_hello};
}  // namespace corpus::classes::calls_

namespace corpus::classes {
inline Owner_Inner Owner_Inner::create(holdfast::call_site site) {
    return Owner_Inner(calls_::Owner_Inner_create_(site));
}
inline std::string Owner_Inner::hello(holdfast::call_site site) const {
    return calls_::Owner_Inner_hello_(self(), site);
}
}  // namespace corpus::classes
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Counter_CALLS
#define HOLDFAST_BOUND_corpus_classes_Counter_CALLS
namespace corpus::classes::calls_ {
inline const holdfast::function<holdfast::object(std::int64_t, holdfast::defaulted<std::int64_t>)>
    Counter_create_{"corpus.classes", "Counter", {"step"}, &::corpus::classes::expected_::Counter};
inline const holdfast::method<Counter(holdfast::defaulted<std::int64_t>)>
    Counter_add_{"corpus.classes", "Counter.add", {"times"}, &::corpus::classes::expected_::Counter_add};
inline const holdfast::function<Counter(std::string_view)>
    Counter_parse_{"corpus.classes", "Counter.parse", &::corpus::classes::expected_::Counter_parse};
inline const holdfast::function<Counter()>
    Counter_zero_{"corpus.classes", "Counter.zero", &::corpus::classes::expected_::Counter_zero};
inline const holdfast::method<holdfast::range<std::int64_t>(std::int64_t)>
    Counter_each_{"corpus.classes", "Counter.each", &::corpus::classes::expected_::Counter_each};
inline const holdfast::method<std::optional<Owner>()>
    Counter_owner_{"corpus.classes", "Counter.owner", &::corpus::classes::expected_::Counter_owner};
inline const holdfast::method<holdfast::task<std::int64_t>()>
    Counter_wait_{"corpus.classes", "Counter.wait", &::corpus::classes::expected_::Counter_wait};
inline const holdfast::method<std::int64_t()>
    Counter_len_{"corpus.classes", "Counter.__len__", &::corpus::classes::expected_::Counter_len_};
inline const holdfast::method<std::string(std::string_view)>
    Counter_call_{"corpus.classes", "Counter.__call__", &::corpus::classes::expected_::Counter_call_};
inline const holdfast::property<std::int64_t> Counter_step_{"corpus.classes", "Counter.step"};
inline const holdfast::property<std::string> Counter_name_{"corpus.classes", "Counter.name"};
inline const holdfast::property<std::int64_t> Counter_limit_{"corpus.classes", "Counter.limit"};
inline const holdfast::property<std::int64_t> Counter_value_{"corpus.classes", "Counter.value"};
}  // namespace corpus::classes::calls_

namespace corpus::classes {
inline Counter Counter::create(
    holdfast::argument<std::int64_t> start_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> step_,
    holdfast::call_site site) {
    return Counter(calls_::Counter_create_(start_, step_, site));
}
inline Counter::Counter(
    holdfast::argument<std::int64_t> start_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> step_,
    holdfast::call_site site)
    : Counter(calls_::Counter_create_(start_, step_, site)) {}
inline Counter Counter::add(
    holdfast::argument<holdfast::defaulted<std::int64_t>> times_,
    holdfast::call_site site) const {
    return calls_::Counter_add_(self(), times_, site);
}
inline Counter Counter::parse(holdfast::argument<std::string_view> text_, holdfast::call_site site) {
    return calls_::Counter_parse_(text_, site);
}
inline Counter Counter::zero(holdfast::call_site site) {
    return calls_::Counter_zero_(site);
}
inline holdfast::range<std::int64_t> Counter::each(
    holdfast::argument<std::int64_t> count_,
    holdfast::call_site site) const {
    return calls_::Counter_each_(self(), count_, site);
}
inline std::optional<Owner> Counter::owner(holdfast::call_site site) const {
    return calls_::Counter_owner_(self(), site);
}
inline holdfast::task<std::int64_t> Counter::wait(holdfast::call_site site) const {
    return calls_::Counter_wait_(self(), site);
}
inline std::int64_t Counter::size(holdfast::call_site site) const {
    return calls_::Counter_len_(self(), site);
}
inline std::string Counter::operator()(
    holdfast::argument<std::string_view> text_,
    holdfast::call_site site) const {
    return calls_::Counter_call_(self(), text_, site);
}
inline std::int64_t Counter::step(holdfast::call_site site) const {
    return calls_::Counter_step_.get(self(), site);
}
inline void Counter::set_step(holdfast::argument<std::int64_t> value_, holdfast::call_site site) const {
    calls_::Counter_step_.set(self(), value_, site);
}
inline std::string Counter::name(holdfast::call_site site) const {
    return calls_::Counter_name_.get(self(), site);
}
inline void Counter::set_name(holdfast::argument<std::string> value_, holdfast::call_site site) const {
    calls_::Counter_name_.set(self(), value_, site);
}
inline std::int64_t Counter::limit(holdfast::call_site site) const {
    return calls_::Counter_limit_.get(self(), site);
}
inline std::int64_t Counter::value(holdfast::call_site site) const {
    return calls_::Counter_value_.get(self(), site);
}
inline void Counter::set_value(holdfast::argument<std::int64_t> value_, holdfast::call_site site) const {
    calls_::Counter_value_.set(self(), value_, site);
}
}  // namespace corpus::classes
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Fast_CALLS
#define HOLDFAST_BOUND_corpus_classes_Fast_CALLS
namespace corpus::classes::calls_ {
inline const holdfast::function<holdfast::object(std::int64_t, holdfast::defaulted<std::int64_t>)>
    Fast_create_{"corpus.classes", "Fast", {"step"}, &::corpus::classes::expected_::Fast};
inline const holdfast::method<Counter(holdfast::defaulted<std::int64_t>)>
    Fast_add_{"corpus.classes", "Fast.add", {"times"}, &::corpus::classes::expected_::Fast_add};
}  // namespace corpus::classes::calls_

namespace corpus::classes {
inline Fast Fast::create(
    holdfast::argument<std::int64_t> start_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> step_,
    holdfast::call_site site) {
    return Fast(calls_::Fast_create_(start_, step_, site));
}
inline Fast::Fast(
    holdfast::argument<std::int64_t> start_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> step_,
    holdfast::call_site site)
    : Fast(calls_::Fast_create_(start_, step_, site)) {}
inline Counter Fast::add(
    holdfast::argument<holdfast::defaulted<std::int64_t>> times_,
    holdfast::call_site site) const {
    return calls_::Fast_add_(self(), times_, site);
}
}  // namespace corpus::classes
#endif

#ifndef HOLDFAST_BOUND_corpus_classes_Seeded_CALLS
#define HOLDFAST_BOUND_corpus_classes_Seeded_CALLS
namespace corpus::classes::calls_ {
inline const holdfast::function<holdfast::object(std::int64_t, holdfast::defaulted<std::int64_t>)>
    Seeded_create_{"corpus.classes", "Seeded", {"value"}, &::corpus::classes::expected_::Seeded};
inline const holdfast::property<std::int64_t> Seeded_value_{"corpus.classes", "Seeded.value"};
}  // namespace corpus::classes::calls_

namespace corpus::classes {
inline Seeded Seeded::create(
    holdfast::argument<std::int64_t> seed_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> value_,
    holdfast::call_site site) {
    return Seeded(calls_::Seeded_create_(seed_, value_, site));
}
inline Seeded::Seeded(
    holdfast::argument<std::int64_t> seed_,
    holdfast::argument<holdfast::defaulted<std::int64_t>> value_,
    holdfast::call_site site)
    : Seeded(calls_::Seeded_create_(seed_, value_, site)) {}
inline std::int64_t Seeded::value(holdfast::call_site site) const {
    return calls_::Seeded_value_.get(self(), site);
}
inline void Seeded::set_value(holdfast::argument<std::int64_t> value_, holdfast::call_site site) const {
    calls_::Seeded_value_.set(self(), value_, site);
}
}  // namespace corpus::classes
#endif
// clang-format on
