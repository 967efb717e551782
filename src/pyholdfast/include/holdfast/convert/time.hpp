// holdfast/convert/time.hpp: dates, times, points in time and durations.
//
// The table:
//
//   C++                            Python, to            Python, from
//   date                           date                  date, but not datetime, whose time
//                                                        would be lost
//   time_of_day                    time                  time, naive or aware
//   date_time                      datetime              datetime, naive or aware
//   time_point of system_clock     datetime, aware, UTC  datetime, aware only
//   std::chrono::duration          timedelta             timedelta
//
// Python counts microseconds. Finer values, and values without an equivalent on the other side, are
// refused, never truncated. Two exceptions: a floating-point duration is rounded, and a time_point,
// whose clock may be finer than Python's, is rounded down on its way to Python. This uses
// datetime's C API, looked up once per interpreter.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <datetime.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include <holdfast/convert/convert.hpp>
#include <holdfast/convert/resolve.hpp>

namespace holdfast {

/// A day of the proleptic Gregorian calendar, like datetime.date.
struct date {
    int year = 1970;
    int month = 1;
    int day = 1;

    friend bool operator==(const date &a, const date &b) noexcept {
        return a.year == b.year && a.month == b.month && a.day == b.day;
    }
    friend bool operator!=(const date &a, const date &b) noexcept { return !(a == b); }
    friend bool operator<(const date &a, const date &b) noexcept {
        return a.year != b.year     ? a.year < b.year
               : a.month != b.month ? a.month < b.month
                                    : a.day < b.day;
    }
};

/// A time of day, like datetime.time. Without an offset it is naive.
///
/// Order: naive times first, then by the time in UTC; equal times by offset and fold.
struct time_of_day {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int microsecond = 0;
    std::optional<std::chrono::microseconds> utc_offset;
    bool fold = false;  // true: the later of two equal times, when clocks are set back

    friend bool operator==(const time_of_day &a, const time_of_day &b) noexcept {
        return a.hour == b.hour && a.minute == b.minute && a.second == b.second &&
               a.microsecond == b.microsecond && a.utc_offset == b.utc_offset && a.fold == b.fold;
    }
    friend bool operator!=(const time_of_day &a, const time_of_day &b) noexcept {
        return !(a == b);
    }
    friend bool operator<(const time_of_day &a, const time_of_day &b) noexcept;
};

bool operator<(const time_of_day &a, const time_of_day &b) noexcept;

using utc_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

namespace detail {

inline constexpr std::int64_t seconds_per_day = 86400;
inline constexpr std::int64_t microseconds_per_day = seconds_per_day * 1000000;
// From March 1 of the year 0 to 1970-01-01, in the Gregorian calendar.
inline constexpr std::int64_t days_before_epoch = 719468;

/// The days from 1970-01-01, for years from 1 on. The year begins in March here, so that the leap
/// day is its last day.
constexpr std::int64_t days_of(const date &day) noexcept {
    const std::int64_t year = day.month <= 2 ? day.year - 1 : day.year;
    const std::int64_t month = (day.month + 9) % 12;
    return year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day.day - 1 -
           days_before_epoch;
}

constexpr date date_of(std::int64_t days) noexcept {
    const std::int64_t shifted = days + days_before_epoch;
    std::int64_t year = (10000 * shifted + 14780) / 3652425;
    std::int64_t rest = shifted - (365 * year + year / 4 - year / 100 + year / 400);
    if (rest < 0) {
        --year;
        rest = shifted - (365 * year + year / 4 - year / 100 + year / 400);
    }
    const std::int64_t month = (100 * rest + 52) / 3060;
    return {static_cast<int>(year + (month + 2) / 12), static_cast<int>((month + 2) % 12 + 1),
            static_cast<int>(rest - (month * 306 + 5) / 10 + 1)};
}

}  // namespace detail

/// A day and a time of day, like datetime.datetime. Without an offset it is naive.
///
/// Order: naive ones first, then by the point in time; equal points by offset and fold.
struct date_time {
    date day;
    time_of_day time;

    /// The point in time as a date_time in UTC.
    [[nodiscard]] static date_time from_instant(utc_time instant) noexcept;

    /// \throws usage_error  HF409 the date_time is naive: it does not name a point in time.
    [[nodiscard]] utc_time instant() const;

    friend bool operator==(const date_time &a, const date_time &b) noexcept {
        return a.day == b.day && a.time == b.time;
    }
    friend bool operator!=(const date_time &a, const date_time &b) noexcept { return !(a == b); }
    friend bool operator<(const date_time &a, const date_time &b) noexcept;
};

namespace detail {

findings import_datetime(const callee &, std::size_t);

/// datetime's C API of the interpreter that the thread is attached to. The cache keeps the capsule,
/// and so the API, alive.
inline const PyDateTime_CAPI &datetime_api() {
    static lookup_cache cache;
    static constexpr callee name{"", "datetime", "datetime_CAPI", ""};
    PyObject *const capsule = cache.find(attached_ref(), name, 0, &import_datetime).callable;
    return *static_cast<PyDateTime_CAPI *>(PyCapsule_GetPointer(capsule, PyDateTime_CAPSULE_NAME));
}

/// The microseconds of a timedelta, if there are fewer than 2^63.
std::optional<std::int64_t> count_of(PyObject *delta) noexcept;

/// The whole days in microseconds, rounded down.
constexpr std::int64_t whole_days(std::int64_t microseconds) noexcept {
    return microseconds / microseconds_per_day - (microseconds % microseconds_per_day < 0 ? 1 : 0);
}

inline PyObject *delta_of(const PyDateTime_CAPI &api, std::int64_t count) noexcept {
    const std::int64_t days = whole_days(count);
    const std::int64_t rest = count - days * microseconds_per_day;
    return api.Delta_FromDelta(static_cast<int>(days), static_cast<int>(rest / 1000000),
                               static_cast<int>(rest % 1000000), 1, api.DeltaType);
}

/// Returns Python's value, or throws HF402 if Python says that there is no such date.
PyObject *dated(PyObject *made, const value_path &where, const char *type);

/// A tzinfo for an offset, or None without one. A new reference, or null with an error set.
owned zone_of(const PyDateTime_CAPI &api, const std::optional<std::chrono::microseconds> &offset,
              const value_path &where);

/// The result of utcoffset() of a datetime or a time.
std::optional<std::chrono::microseconds> offset_of(const PyDateTime_CAPI &api, PyObject *value,
                                                   bool has_zone);

template <>
struct converter<date> {
    static constexpr const char *wanted = "datetime.date";

    static PyObject *to_python(const date &value, const value_path &where);
    static date from_python(PyObject *value, const value_path &where);
};

template <>
struct converter<time_of_day> {
    static constexpr const char *wanted = "datetime.time";

    static PyObject *to_python(const time_of_day &value, const value_path &where);
    static time_of_day from_python(PyObject *value, const value_path &where);
};

template <>
struct converter<date_time> {
    static constexpr const char *wanted = "datetime.datetime";

    static PyObject *to_python(const date_time &value, const value_path &where);
    static date_time from_python(PyObject *value, const value_path &where);
};

/// Whether both durations are equal, so that nothing overflowed or was truncated.
template <class Duration>
bool is_same_time(Duration duration, std::chrono::microseconds other) noexcept {
    using wide = std::chrono::duration<double, std::micro>;
    using ticks = std::chrono::duration<double, typename Duration::period>;
    constexpr auto most = static_cast<double>(std::numeric_limits<std::int64_t>::max());
    constexpr auto most_ticks =
        static_cast<double>(std::numeric_limits<typename Duration::rep>::max());
    return std::abs(wide(duration).count()) < most && std::abs(ticks(other).count()) < most_ticks &&
           std::chrono::duration_cast<Duration>(other) == duration &&
           std::chrono::duration_cast<std::chrono::microseconds>(duration) == other;
}

/// A duration as Python's microseconds.
template <class Number, class Period>
std::int64_t microseconds_of(std::chrono::duration<Number, Period> value, const value_path &where) {
    constexpr double most = 9.2e18;
    const double wide = std::chrono::duration<double, std::micro>(value).count();
    if (!(std::abs(wide) < most))
        throw_does_not_fit(where, "the duration", "datetime.timedelta");
    if constexpr (std::is_floating_point_v<Number>)
        return std::llround(wide);
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(value);
    if (!is_same_time(value, count))
        throw_does_not_fit(where, std::to_string(value.count()) + " ticks", "whole microseconds");
    return count.count();
}

/// \param describe  returns the value for the error.
/// \param type      the C++ type for the error.
template <class Duration, class Describe>
Duration duration_of(std::int64_t microseconds, const value_path &where, Describe &&describe,
                     const char *type = "the C++ duration") {
    using number = typename Duration::rep;
    const std::chrono::microseconds exact(microseconds);
    constexpr double most = static_cast<double>(std::numeric_limits<number>::max());
    const double wide = std::chrono::duration<double, typename Duration::period>(exact).count();
    if constexpr (std::is_floating_point_v<number>)
        return Duration(static_cast<number>(wide));
    const auto result =
        std::abs(wide) < most ? std::chrono::duration_cast<Duration>(exact) : Duration();
    if (!is_same_time(result, exact))
        throw_does_not_fit(where, describe(), type);
    return result;
}

/// A point in time, rounded down to Python's microseconds, if it is in the years 1 to 9999.
template <class Duration>
date_time date_time_of(std::chrono::time_point<std::chrono::system_clock, Duration> value,
                       const value_path &where) {
    constexpr std::int64_t first = days_of({1, 1, 1}) * microseconds_per_day;
    constexpr std::int64_t end = days_of({10000, 1, 1}) * microseconds_per_day;
    const double wide = std::chrono::duration<double, std::micro>(value.time_since_epoch()).count();
    if (!(wide >= static_cast<double>(first) && wide < static_cast<double>(end)))
        throw_does_not_fit(where, "the point in time", "datetime.datetime");
    return date_time::from_instant(
        utc_time(std::chrono::floor<std::chrono::microseconds>(value.time_since_epoch())));
}

template <class Number, class Period>
struct converter<std::chrono::duration<Number, Period>> {
    using duration = std::chrono::duration<Number, Period>;
    static constexpr const char *wanted = "datetime.timedelta";

    static PyObject *to_python(duration value, const value_path &where) {
        return delta_of(datetime_api(), microseconds_of(value, where));
    }

    static duration from_python(PyObject *value, const value_path &where) {
        if (PyObject_TypeCheck(value, datetime_api().DeltaType) == 0)
            throw_wrong_type(where, wanted, value);
        const std::optional<std::int64_t> count = count_of(value);
        if (!count)
            throw_does_not_fit(where, text_of_number(value), "64 bits of microseconds");
        return duration_of<duration>(*count, where, [value] { return text_of_number(value); });
    }
};

template <class Duration>
struct converter<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    using moment = std::chrono::time_point<std::chrono::system_clock, Duration>;
    static constexpr const char *wanted = "aware datetime.datetime";

    static PyObject *to_python(moment value, const value_path &where) {
        return converter<date_time>::to_python(date_time_of(value, where), where);
    }
    static moment from_python(PyObject *value, const value_path &where) {
        const date_time found = converter<date_time>::from_python(value, where);
        if (!found.time.utc_offset)
            throw_wrong_type(where, wanted, "a naive one");
        return moment(duration_of<Duration>(
            found.instant().time_since_epoch().count(), where,
            [value] { return text_of_number(value); }, "the C++ time_point"));
    }
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/convert/time.ipp>
#endif
