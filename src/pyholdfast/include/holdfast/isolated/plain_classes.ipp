// holdfast/isolated/plain_classes.ipp: the bodies of plain_classes.hpp.
#pragma once

#include <holdfast/isolated/plain_classes.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY const plain_value &only_item(const plain_value &value, const char *tag,
                                                  plain_value::kind what, const value_path &where,
                                                  const char *wanted) {
    if (!value.is_tagged(tag) || value.items.size() != 1 || value.items[0].what != what)
        throw_wrong_plain(where, wanted, value);
    return value.items[0];
}

/// The numbers of a tagged value; an offset that is None stays empty.
struct plain_fields {
    const plain_value &value;
    const value_path &where;
    const char *wanted;

    void demand(const char *tag, std::size_t count) const {
        if (!value.is_tagged(tag) || value.items.size() != count)
            throw_wrong_plain(where, wanted, value);
    }
    [[nodiscard]] int number(std::size_t index, int least, int most) const {
        const plain_value &one = value.items[index];
        if (one.what != plain_value::kind::integer || one.integer < least || one.integer > most)
            throw malformed_answer("a date or a time has impossible fields");
        return static_cast<int>(one.integer);
    }
    [[nodiscard]] time_of_day time(std::size_t first) const {
        time_of_day result;
        result.hour = number(first, 0, 23);
        result.minute = number(first + 1, 0, 59);
        result.second = number(first + 2, 0, 59);
        result.microsecond = number(first + 3, 0, 999999);
        const plain_value &offset = value.items[first + 4];
        if (offset.what == plain_value::kind::integer && offset.integer > -microseconds_per_day &&
            offset.integer < microseconds_per_day)
            result.utc_offset = std::chrono::microseconds(offset.integer);
        result.fold = number(first + 5, 0, 1) == 1;
        return result;
    }
    [[nodiscard]] date day() const {
        return {number(0, 1, 9999), number(1, 1, 12), number(2, 1, 31)};
    }
};

HOLDFAST_DETAIL_BODY void write_day(pickle_writer &to, const date &value, const value_path &where,
                                    const char *type) {
    const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = value.year % 4 == 0 && (value.year % 100 != 0 || value.year % 400 == 0);
    if (value.year < 1 || value.year > 9999 || value.month < 1 || value.month > 12 ||
        value.day < 1 || value.day > days[value.month - 1] - (value.month == 2 && !leap ? 1 : 0))
        throw_does_not_fit(where, "a value (there is no such day)", type);
    to.integer(value.year);
    to.integer(value.month);
    to.integer(value.day);
}

HOLDFAST_DETAIL_BODY void write_time(pickle_writer &to, const time_of_day &value,
                                     const value_path &where, const char *type) {
    const bool offset_fits =
        !value.utc_offset || (value.utc_offset->count() > -microseconds_per_day &&
                              value.utc_offset->count() < microseconds_per_day);
    if (value.hour < 0 || value.hour > 23 || value.minute < 0 || value.minute > 59 ||
        value.second < 0 || value.second > 59 || value.microsecond < 0 ||
        value.microsecond > 999999 || !offset_fits)
        throw_does_not_fit(where, "a value (there is no such time)", type);
    to.integer(value.hour);
    to.integer(value.minute);
    to.integer(value.second);
    to.integer(value.microsecond);
    if (value.utc_offset)
        to.integer(value.utc_offset->count());
    else
        to.none();
    to.integer(value.fold ? 1 : 0);
}

HOLDFAST_DETAIL_BODY void plain_converter<date>::write(pickle_writer &to, const date &value,
                                                       const value_path &where) {
    to.helper("as_date");
    to.mark();
    write_day(to, value, where, "datetime.date");
    to.call();
}
HOLDFAST_DETAIL_BODY date plain_converter<date>::read(const plain_value &value,
                                                      const value_path &where) {
    const plain_fields fields{value, where, "datetime.date"};
    fields.demand("date", 3);
    return fields.day();
}

HOLDFAST_DETAIL_BODY void plain_converter<time_of_day>::write(pickle_writer &to,
                                                              const time_of_day &value,
                                                              const value_path &where) {
    to.helper("as_time");
    to.mark();
    write_time(to, value, where, "datetime.time");
    to.call();
}
HOLDFAST_DETAIL_BODY time_of_day plain_converter<time_of_day>::read(const plain_value &value,
                                                                    const value_path &where) {
    const plain_fields fields{value, where, "datetime.time"};
    fields.demand("time", 6);
    return fields.time(0);
}

HOLDFAST_DETAIL_BODY void plain_converter<date_time>::write(pickle_writer &to,
                                                            const date_time &value,
                                                            const value_path &where) {
    to.helper("as_datetime");
    to.mark();
    write_day(to, value.day, where, "datetime.datetime");
    write_time(to, value.time, where, "datetime.datetime");
    to.call();
}
HOLDFAST_DETAIL_BODY date_time plain_converter<date_time>::read(const plain_value &value,
                                                                const value_path &where) {
    const plain_fields fields{value, where, "datetime.datetime"};
    fields.demand("datetime", 9);
    return {fields.day(), fields.time(3)};
}

HOLDFAST_DETAIL_BODY void write_delta(pickle_writer &to, std::int64_t microseconds) {
    to.helper("as_timedelta");
    to.mark();
    to.integer(microseconds);
    to.call();
}
HOLDFAST_DETAIL_BODY std::int64_t read_delta(const plain_value &value, const value_path &where) {
    if (!value.is_tagged("timedelta") || value.items.size() != 1)
        throw_wrong_plain(where, "datetime.timedelta", value);
    return plain_converter<std::int64_t>::read(value.items[0], where);
}

}  // namespace holdfast::detail
