// holdfast/convert/time.ipp: the bodies of time.hpp.
#pragma once

#include <holdfast/convert/time.hpp>

#include <cstdint>
#include <optional>
#include <tuple>

#include <holdfast/convert/resolve.hpp>
#include <holdfast/error.hpp>

namespace holdfast {

namespace detail {

/// The sort key of a time of day that many days later.
HOLDFAST_DETAIL_BODY std::tuple<bool, std::int64_t, std::int64_t, bool> rank_of(
    std::int64_t days, const time_of_day &time) noexcept {
    const std::int64_t seconds = ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
    const std::int64_t offset = time.utc_offset ? time.utc_offset->count() : 0;
    return {time.utc_offset.has_value(), seconds * 1000000 + time.microsecond - offset, offset,
            time.fold};
}

}  // namespace detail

HOLDFAST_DETAIL_BODY bool operator<(const time_of_day &a, const time_of_day &b) noexcept {
    return detail::rank_of(0, a) < detail::rank_of(0, b);
}

HOLDFAST_DETAIL_BODY bool operator<(const date_time &a, const date_time &b) noexcept {
    return detail::rank_of(detail::days_of(a.day), a.time) <
           detail::rank_of(detail::days_of(b.day), b.time);
}

HOLDFAST_DETAIL_BODY date_time date_time::from_instant(utc_time instant) noexcept {
    constexpr std::int64_t second = 1000000;
    const std::int64_t count = instant.time_since_epoch().count();
    const std::int64_t days = detail::whole_days(count);
    std::int64_t rest =
        count % detail::microseconds_per_day;  // days * ... would overflow for min()
    if (rest < 0)
        rest += detail::microseconds_per_day;
    return {detail::date_of(days),
            {static_cast<int>(rest / (3600 * second)), static_cast<int>(rest / (60 * second) % 60),
             static_cast<int>(rest / second % 60), static_cast<int>(rest % second),
             std::chrono::microseconds(0), false}};
}

HOLDFAST_DETAIL_BODY utc_time date_time::instant() const {
    if (!time.utc_offset)
        throw usage_error("HF409", "a naive date_time stands for no moment",
                          "give it a utc_offset, or let Python make the datetime with a tzinfo");
    const std::int64_t seconds = detail::days_of(day) * detail::seconds_per_day + time.hour * 3600 +
                                 time.minute * 60 + time.second;
    return utc_time(std::chrono::microseconds(seconds * 1000000 + time.microsecond) -
                    *time.utc_offset);
}

namespace detail {

HOLDFAST_DETAIL_COLD_BODY findings import_datetime(const callee &, std::size_t) {
    const owned module = import_module("datetime");
    return {demand(PyObject_GetAttrString(module.get(), "datetime_CAPI")), owned()};
}

HOLDFAST_DETAIL_BODY std::optional<std::int64_t> count_of(PyObject *delta) noexcept {
    constexpr int most_days = 106751990;  // one more day would exceed 2^63 microseconds
    const int days = PyDateTime_DELTA_GET_DAYS(delta);
    if (days > most_days || days < -most_days)
        return std::nullopt;
    return (days * seconds_per_day + PyDateTime_DELTA_GET_SECONDS(delta)) * 1000000 +
           PyDateTime_DELTA_GET_MICROSECONDS(delta);
}

HOLDFAST_DETAIL_BODY owned zone_of(const PyDateTime_CAPI &api,
                                   const std::optional<std::chrono::microseconds> &offset,
                                   const value_path &where) {
    if (offset && *offset == std::chrono::microseconds(0)) {
        Py_INCREF(api.TimeZone_UTC);
        return owned(api.TimeZone_UTC);
    }
    if (offset) {
        const owned delta(delta_of(api, offset->count()));
        return owned(
            delta ? dated(api.TimeZone_FromTimeZone(delta.get(), nullptr), where, "a UTC offset")
                  : nullptr);
    }
    Py_INCREF(Py_None);
    return owned(Py_None);
}

HOLDFAST_DETAIL_BODY std::optional<std::chrono::microseconds> offset_of(const PyDateTime_CAPI &api,
                                                                        PyObject *value,
                                                                        bool has_zone) {
    if (!has_zone)
        return std::nullopt;
    const owned delta = demand(PyObject_CallMethod(value, "utcoffset", nullptr));
    if (PyObject_TypeCheck(delta.get(), api.DeltaType) == 0)
        return std::nullopt;
    // Python guarantees less than a day
    return std::chrono::microseconds(count_of(delta.get()).value_or(0));
}

HOLDFAST_DETAIL_BODY PyObject *dated(PyObject *made, const value_path &where, const char *type) {
    if (made == nullptr && PyErr_ExceptionMatches(PyExc_ValueError) != 0) {
        const owned problem(take_exception());
        throw_does_not_fit(where, "a value (" + message_of(problem.get()) + ')', type);
    }
    return made;
}

HOLDFAST_DETAIL_BODY PyObject *converter<date>::to_python(const date &value,
                                                          const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    return dated(api.Date_FromDate(value.year, value.month, value.day, api.DateType), where,
                 wanted);
}

HOLDFAST_DETAIL_BODY date converter<date>::from_python(PyObject *value, const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    if (PyObject_TypeCheck(value, api.DateType) == 0 ||
        PyObject_TypeCheck(value, api.DateTimeType) != 0)
        throw_wrong_type(where, wanted, value);
    return {PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value)};
}

HOLDFAST_DETAIL_BODY PyObject *converter<time_of_day>::to_python(const time_of_day &value,
                                                                 const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    const owned zone = zone_of(api, value.utc_offset, where);
    return zone ? dated(api.Time_FromTimeAndFold(value.hour, value.minute, value.second,
                                                 value.microsecond, zone.get(), value.fold ? 1 : 0,
                                                 api.TimeType),
                        where, wanted)
                : nullptr;
}

HOLDFAST_DETAIL_BODY time_of_day converter<time_of_day>::from_python(PyObject *value,
                                                                     const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    if (PyObject_TypeCheck(value, api.TimeType) == 0)
        throw_wrong_type(where, wanted, value);
    const bool has_zone = reinterpret_cast<PyDateTime_Time *>(value)->hastzinfo != 0;
    return {PyDateTime_TIME_GET_HOUR(value),   PyDateTime_TIME_GET_MINUTE(value),
            PyDateTime_TIME_GET_SECOND(value), PyDateTime_TIME_GET_MICROSECOND(value),
            offset_of(api, value, has_zone),   PyDateTime_TIME_GET_FOLD(value) != 0};
}

HOLDFAST_DETAIL_BODY PyObject *converter<date_time>::to_python(const date_time &value,
                                                               const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    const owned zone = zone_of(api, value.time.utc_offset, where);
    return zone ? dated(api.DateTime_FromDateAndTimeAndFold(
                            value.day.year, value.day.month, value.day.day, value.time.hour,
                            value.time.minute, value.time.second, value.time.microsecond,
                            zone.get(), value.time.fold ? 1 : 0, api.DateTimeType),
                        where, wanted)
                : nullptr;
}

HOLDFAST_DETAIL_BODY date_time converter<date_time>::from_python(PyObject *value,
                                                                 const value_path &where) {
    const PyDateTime_CAPI &api = datetime_api();
    if (PyObject_TypeCheck(value, api.DateTimeType) == 0)
        throw_wrong_type(where, wanted, value);
    const bool has_zone = reinterpret_cast<PyDateTime_DateTime *>(value)->hastzinfo != 0;
    return {{PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value), PyDateTime_GET_DAY(value)},
            {PyDateTime_DATE_GET_HOUR(value), PyDateTime_DATE_GET_MINUTE(value),
             PyDateTime_DATE_GET_SECOND(value), PyDateTime_DATE_GET_MICROSECOND(value),
             offset_of(api, value, has_zone), PyDateTime_DATE_GET_FOLD(value) != 0}};
}

}  // namespace detail

}  // namespace holdfast
