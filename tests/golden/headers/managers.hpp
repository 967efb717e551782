// managers.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Context managers: classes and functions, for ``with`` and for ``async with``.
#pragma once

// clang-format off

#include <holdfast/async.hpp>
#include <holdfast/async/context_manager.hpp>
#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/context_manager.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/calls/handle.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::managers {
class Either;
class Session;
class Wrong;
}  // namespace corpus::managers

#ifndef HOLDFAST_BOUND_corpus_managers_Session
#define HOLDFAST_BOUND_corpus_managers_Session 0x93bee47edaa1d750

namespace corpus::managers::expected_ {
inline constexpr auto Session = holdfast::detail::expect("93bee47edaa1d750", "class Session");
inline constexpr auto Session_send = holdfast::detail::expect(
    "0ab42bea2979f428",
    "async def Session.send(self, text: str) -> str");
}  // namespace corpus::managers::expected_

namespace corpus::managers {
/// Open between ``__aenter__`` and ``__aexit__``.
class Session : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.managers";
    static constexpr const char *python_name = "Session";
    using holdfast::handle::handle;

    /// Closed.
    ///
    ///     def Session.__init__(self, name: str, *, stubborn: bool = False) -> None
    explicit Session(
        holdfast::argument<std::string_view> name,
        holdfast::argument<holdfast::defaulted<bool>> stubborn = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());
    static Session create(
        holdfast::argument<std::string_view> name,
        holdfast::argument<holdfast::defaulted<bool>> stubborn = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    /// While it is open.
    ///
    ///     async def Session.send(self, text: str) -> str
    holdfast::task<std::string> send(
        holdfast::argument<std::string_view> text,
        holdfast::call_site site = holdfast::call_site::current()) const;

    [[nodiscard]] std::string state(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_state(
        holdfast::argument<std::string> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// An `async with` block for the scope of what the task gives.
    [[nodiscard]] holdfast::task<holdfast::async_entered<Session>> enter_async(
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::managers

#elif HOLDFAST_BOUND_corpus_managers_Session != 0x93bee47edaa1d750
#error "corpus.managers.Session has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_managers_Either
#define HOLDFAST_BOUND_corpus_managers_Either 0xac931b0e0e9a9a8e

namespace corpus::managers::expected_ {
inline constexpr auto Either = holdfast::detail::expect("ac931b0e0e9a9a8e", "class Either");
}  // namespace corpus::managers::expected_

namespace corpus::managers {
/// For both kinds of ``with``, with a value of its own for each.
class Either : public holdfast::handle {
public:
    static constexpr const char *python_module = "corpus.managers";
    static constexpr const char *python_name = "Either";
    using holdfast::handle::handle;

    /// Begin with nothing.
    ///
    ///     def Either.__init__(self) -> None
    static Either create(holdfast::call_site site = holdfast::call_site::current());

    [[nodiscard]] std::vector<std::string> steps(holdfast::call_site site = holdfast::call_site::current()) const;
    void set_steps(
        holdfast::argument<std::vector<std::string>> value,
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// A `with` block for the scope of the result.
    [[nodiscard]] holdfast::entered<std::int64_t> enter(
        holdfast::call_site site = holdfast::call_site::current()) const;

    /// An `async with` block for the scope of what the task gives.
    [[nodiscard]] holdfast::task<holdfast::async_entered<std::string>> enter_async(
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::managers

#elif HOLDFAST_BOUND_corpus_managers_Either != 0xac931b0e0e9a9a8e
#error "corpus.managers.Either has changed between two headers: run holdfast bind again for both"
#endif

#ifndef HOLDFAST_BOUND_corpus_managers_Wrong
#define HOLDFAST_BOUND_corpus_managers_Wrong 0x07c0f7077a6324bb

namespace corpus::managers::expected_ {
inline constexpr auto Wrong = holdfast::detail::expect("07c0f7077a6324bb", "class Wrong");
}  // namespace corpus::managers::expected_

namespace corpus::managers {
/// Says one type and gives another.
class Wrong : public Session {
public:
    static constexpr const char *python_module = "corpus.managers";
    static constexpr const char *python_name = "Wrong";
    using Session::Session;

    /// Closed.
    ///
    ///     def Session.__init__(self, name: str, *, stubborn: bool = False) -> None
    explicit Wrong(
        holdfast::argument<std::string_view> name,
        holdfast::argument<holdfast::defaulted<bool>> stubborn = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());
    static Wrong create(
        holdfast::argument<std::string_view> name,
        holdfast::argument<holdfast::defaulted<bool>> stubborn = holdfast::use_default,
        holdfast::call_site site = holdfast::call_site::current());

    /// An `async with` block for the scope of what the task gives.
    [[nodiscard]] holdfast::task<holdfast::async_entered<std::int64_t>> enter_async(
        holdfast::call_site site = holdfast::call_site::current()) const;
};
}  // namespace corpus::managers

#elif HOLDFAST_BOUND_corpus_managers_Wrong != 0x07c0f7077a6324bb
#error "corpus.managers.Wrong has changed between two headers: run holdfast bind again for both"
#endif

namespace corpus::managers::expected_ {
inline constexpr auto section = holdfast::detail::expect(
    "499743982ed36d11",
    "def section(log: Session, name: str) -> Iterator[str]");
inline constexpr auto nested = holdfast::detail::expect(
    "265c01ba03c0ea77",
    "def nested(log: Session, names: list[str]) -> list[AbstractContextManager[str]]");
inline constexpr auto enter_all = holdfast::detail::expect(
    "a7f94417fba01c1f",
    "def enter_all(managers: list[AbstractContextManager[str]]) -> list[str]");
inline constexpr auto connection = holdfast::detail::expect(
    "1b230f14e483c590",
    "async def connection(log: Session, host: str) -> AsyncIterator[Session]");
}  // namespace corpus::managers::expected_

namespace corpus::managers {

/// A generator between two halves.
///
///     def section(log: Session, name: str) -> Iterator[str]
inline const holdfast::function<holdfast::context_manager<std::string>(Session, std::string_view)>
    section{"corpus.managers", "section", &::corpus::managers::expected_::section};

/// Context managers are values like others.
///
///     def nested(log: Session, names: list[str]) -> list[AbstractContextManager[str]]
inline const holdfast::function<std::vector<holdfast::context_manager<std::string>>(
    Session,
    std::vector<std::string>)>
    nested{"corpus.managers", "nested", &::corpus::managers::expected_::nested};

/// And go back to Python.
///
///     def enter_all(managers: list[AbstractContextManager[str]]) -> list[str]
inline const holdfast::function<std::vector<std::string>(std::vector<holdfast::context_manager<std::string>>)>
    enter_all{"corpus.managers", "enter_all", &::corpus::managers::expected_::enter_all};

/// The same, asynchronous.
///
///     async def connection(log: Session, host: str) -> AsyncIterator[Session]
inline const holdfast::function<holdfast::async_context_manager<Session>(Session, std::string_view)>
    connection{"corpus.managers", "connection", &::corpus::managers::expected_::connection};

}  // namespace corpus::managers

#ifndef HOLDFAST_BOUND_corpus_managers_Session_CALLS
#define HOLDFAST_BOUND_corpus_managers_Session_CALLS
namespace corpus::managers::calls_ {
inline const holdfast::function<holdfast::object(std::string_view, holdfast::defaulted<bool>)>
    Session_create_{"corpus.managers", "Session", {"stubborn"}, &::corpus::managers::expected_::Session};
inline const holdfast::method<holdfast::task<std::string>(std::string_view)>
    Session_send_{"corpus.managers", "Session.send", &::corpus::managers::expected_::Session_send};
inline const holdfast::property<std::string> Session_state_{"corpus.managers", "Session.state"};
}  // namespace corpus::managers::calls_

namespace corpus::managers {
inline Session Session::create(
    holdfast::argument<std::string_view> name_,
    holdfast::argument<holdfast::defaulted<bool>> stubborn_,
    holdfast::call_site site) {
    return Session(calls_::Session_create_(name_, stubborn_, site));
}
inline Session::Session(
    holdfast::argument<std::string_view> name_,
    holdfast::argument<holdfast::defaulted<bool>> stubborn_,
    holdfast::call_site site)
    : Session(calls_::Session_create_(name_, stubborn_, site)) {}
inline holdfast::task<std::string> Session::send(
    holdfast::argument<std::string_view> text_,
    holdfast::call_site site) const {
    return calls_::Session_send_(self(), text_, site);
}
inline std::string Session::state(holdfast::call_site site) const {
    return calls_::Session_state_.get(self(), site);
}
inline void Session::set_state(holdfast::argument<std::string> value_, holdfast::call_site site) const {
    calls_::Session_state_.set(self(), value_, site);
}
inline holdfast::task<holdfast::async_entered<Session>> Session::enter_async(holdfast::call_site site) const {
    return holdfast::detail::enter_on_loop<Session>(self(), site);
}
}  // namespace corpus::managers
#endif

#ifndef HOLDFAST_BOUND_corpus_managers_Either_CALLS
#define HOLDFAST_BOUND_corpus_managers_Either_CALLS
namespace corpus::managers::calls_ {
inline const holdfast::function<holdfast::object()>
    Either_create_{"corpus.managers", "Either", &::corpus::managers::expected_::Either};
inline const holdfast::property<std::vector<std::string>> Either_steps_{"corpus.managers", "Either.steps"};
}  // namespace corpus::managers::calls_

namespace corpus::managers {
inline Either Either::create(holdfast::call_site site) {
    return Either(calls_::Either_create_(site));
}
inline std::vector<std::string> Either::steps(holdfast::call_site site) const {
    return calls_::Either_steps_.get(self(), site);
}
inline void Either::set_steps(
    holdfast::argument<std::vector<std::string>> value_,
    holdfast::call_site site) const {
    calls_::Either_steps_.set(self(), value_, site);
}
inline holdfast::entered<std::int64_t> Either::enter(holdfast::call_site site) const {
    return holdfast::entered<std::int64_t>(self(), site);
}
inline holdfast::task<holdfast::async_entered<std::string>> Either::enter_async(
    holdfast::call_site site) const {
    return holdfast::detail::enter_on_loop<std::string>(self(), site);
}
}  // namespace corpus::managers
#endif

#ifndef HOLDFAST_BOUND_corpus_managers_Wrong_CALLS
#define HOLDFAST_BOUND_corpus_managers_Wrong_CALLS
namespace corpus::managers::calls_ {
inline const holdfast::function<holdfast::object(std::string_view, holdfast::defaulted<bool>)>
    Wrong_create_{"corpus.managers", "Wrong", {"stubborn"}, &::corpus::managers::expected_::Wrong};
}  // namespace corpus::managers::calls_

namespace corpus::managers {
inline Wrong Wrong::create(
    holdfast::argument<std::string_view> name_,
    holdfast::argument<holdfast::defaulted<bool>> stubborn_,
    holdfast::call_site site) {
    return Wrong(calls_::Wrong_create_(name_, stubborn_, site));
}
inline Wrong::Wrong(
    holdfast::argument<std::string_view> name_,
    holdfast::argument<holdfast::defaulted<bool>> stubborn_,
    holdfast::call_site site)
    : Wrong(calls_::Wrong_create_(name_, stubborn_, site)) {}
inline holdfast::task<holdfast::async_entered<std::int64_t>> Wrong::enter_async(
    holdfast::call_site site) const {
    return holdfast::detail::enter_on_loop<std::int64_t>(self(), site);
}
}  // namespace corpus::managers
#endif
// clang-format on
