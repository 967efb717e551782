// values.py, for C++: made by `holdfast bind`. Edits are lost.
//
// Times, identifiers, numbers with a point, paths.
#pragma once

// clang-format off

#include <holdfast/calls/binding_check.hpp>
#include <holdfast/calls/function.hpp>
#include <holdfast/convert/path.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/convert/uuid_decimal_bytes.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

static_assert(HOLDFAST_BOUND_FORMAT == 1, "made for another version of holdfast: run holdfast bind again");

namespace corpus::values::expected_ {
inline constexpr auto tomorrow = holdfast::detail::expect(
    "603a07614514a07b",
    "def tomorrow(day: date) -> dt.date");
inline constexpr auto later = holdfast::detail::expect(
    "3a2dc41f2d8d9367",
    "def later(moment: datetime, by: timedelta) -> datetime");
inline constexpr auto noon = holdfast::detail::expect("a48231c339ec2971", "def noon() -> time");
inline constexpr auto between = holdfast::detail::expect(
    "b9967659c3dcf652",
    "def between(first: date, last: date) -> timedelta");
inline constexpr auto exact = holdfast::detail::expect(
    "23f4d12bfa38ae3f",
    "def exact(price: Decimal, rate: Decimal) -> Decimal");
inline constexpr auto same_id = holdfast::detail::expect(
    "d39e619445010da9",
    "def same_id(value: UUID) -> UUID");
inline constexpr auto parent = holdfast::detail::expect("82a7213f6453101c", "def parent(path: Path) -> Path");
inline constexpr auto calendar = holdfast::detail::expect(
    "6a3742b28cc5f4a3",
    "def calendar(days: list[date]) -> dict[date, str]");
inline constexpr auto timetable = holdfast::detail::expect(
    "92d72efe6a5d9385",
    "def timetable(moments: list[datetime]) -> dict[datetime, time]");
}  // namespace corpus::values::expected_

namespace corpus::values {

/// The next day.
///
///     def tomorrow(day: date) -> dt.date
inline const holdfast::function<holdfast::date(holdfast::date)>
    tomorrow{"corpus.values", "tomorrow", &::corpus::values::expected_::tomorrow};

/// Moved; an offset from UTC is kept.
///
///     def later(moment: datetime, by: timedelta) -> datetime
inline const holdfast::function<holdfast::date_time(holdfast::date_time, std::chrono::microseconds)>
    later{"corpus.values", "later", &::corpus::values::expected_::later};

/// Without a date.
///
///     def noon() -> time
inline const holdfast::function<holdfast::time_of_day()>
    noon{"corpus.values", "noon", &::corpus::values::expected_::noon};

/// How long it is.
///
///     def between(first: date, last: date) -> timedelta
inline const holdfast::function<std::chrono::microseconds(holdfast::date, holdfast::date)>
    between{"corpus.values", "between", &::corpus::values::expected_::between};

/// Without rounding to a binary number.
///
///     def exact(price: Decimal, rate: Decimal) -> Decimal
inline const holdfast::function<holdfast::decimal(holdfast::decimal, holdfast::decimal)>
    exact{"corpus.values", "exact", &::corpus::values::expected_::exact};

/// An identifier.
///
///     def same_id(value: UUID) -> UUID
inline const holdfast::function<holdfast::uuid(holdfast::uuid)>
    same_id{"corpus.values", "same_id", &::corpus::values::expected_::same_id};

/// The folder.
///
///     def parent(path: Path) -> Path
inline const holdfast::function<std::filesystem::path(std::filesystem::path)>
    parent{"corpus.values", "parent", &::corpus::values::expected_::parent};

/// Within containers, also as keys.
///
///     def calendar(days: list[date]) -> dict[date, str]
inline const holdfast::function<std::map<holdfast::date, std::string>(std::vector<holdfast::date>)>
    calendar{"corpus.values", "calendar", &::corpus::values::expected_::calendar};

/// Moments and times have an order, too.
///
///     def timetable(moments: list[datetime]) -> dict[datetime, time]
inline const holdfast::function<std::map<holdfast::date_time, holdfast::time_of_day>(
    std::vector<holdfast::date_time>)>
    timetable{"corpus.values", "timetable", &::corpus::values::expected_::timetable};

}  // namespace corpus::values
// clang-format on
