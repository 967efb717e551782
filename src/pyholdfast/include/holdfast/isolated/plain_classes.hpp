// holdfast/isolated/plain_classes.hpp: times, paths, complex numbers, UUIDs and decimals to and from
// a worker.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

#include <holdfast/convert/element.hpp>
#include <holdfast/convert/time.hpp>
#include <holdfast/isolated/plain_converter.hpp>
#include <holdfast/platform/path_text.hpp>

namespace holdfast {

struct uuid;
struct decimal;
struct byte_array;

namespace detail {

template <>
struct plain_converter<date> {
    static void write(pickle_writer &to, const date &value, const value_path &where);
    static date read(const plain_value &value, const value_path &where);
};
template <>
struct plain_converter<time_of_day> {
    static void write(pickle_writer &to, const time_of_day &value, const value_path &where);
    static time_of_day read(const plain_value &value, const value_path &where);
};
template <>
struct plain_converter<date_time> {
    static void write(pickle_writer &to, const date_time &value, const value_path &where);
    static date_time read(const plain_value &value, const value_path &where);
};

void write_delta(pickle_writer &to, std::int64_t microseconds);
/// The microseconds of a timedelta.
std::int64_t read_delta(const plain_value &value, const value_path &where);

template <class Number, class Period>
struct plain_converter<std::chrono::duration<Number, Period>> {
    using duration = std::chrono::duration<Number, Period>;

    static void write(pickle_writer &to, duration value, const value_path &where) {
        write_delta(to, microseconds_of(value, where));
    }
    static duration read(const plain_value &value, const value_path &where) {
        const std::int64_t exact = read_delta(value, where);
        return duration_of<duration>(exact, where,
                                     [exact] { return std::to_string(exact) + " microseconds"; });
    }
};

template <class Duration>
struct plain_converter<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    using moment = std::chrono::time_point<std::chrono::system_clock, Duration>;

    static void write(pickle_writer &to, moment value, const value_path &where) {
        plain_converter<date_time>::write(to, date_time_of(value, where), where);
    }
    static moment read(const plain_value &value, const value_path &where) {
        const date_time found = plain_converter<date_time>::read(value, where);
        if (!found.time.utc_offset)
            throw_wrong_type(where, "aware datetime.datetime", "a naive one");
        const std::int64_t exact = found.instant().time_since_epoch().count();
        return moment(duration_of<Duration>(
            exact, where, [exact] { return std::to_string(exact) + " microseconds since 1970"; },
            "the C++ time_point"));
    }
};

/// The only item of a tagged value; throws if the value has another tag.
const plain_value &only_item(const plain_value &value, const char *tag, plain_value::kind what,
                             const value_path &where, const char *wanted);

template <>
struct plain_converter<std::filesystem::path> {
    static void write(pickle_writer &to, const std::filesystem::path &value, const value_path &) {
        to.helper("as_path");
        to.mark();
        to.bytes(text_of_path(value));
        to.call();
    }
    static std::filesystem::path read(const plain_value &value, const value_path &where) {
        if (value.what == plain_value::kind::text)
            return path_of_text(std::string(text_of(value, where, "path")));
        if (value.what == plain_value::kind::bytes)
            return path_of_text(std::string(value.text));
        return path_of_text(
            std::string(only_item(value, "path", plain_value::kind::bytes, where, "path").text));
    }
};

/// std::complex, without its header.
template <class T>
struct plain_converter<T, std::enable_if_t<is_complex<T>>> {
    using part = plain_converter<typename T::value_type>;

    static void write(pickle_writer &to, const T &value, const value_path &) {
        to.global("builtins", "complex");
        to.mark();
        to.real(static_cast<double>(value.real()));
        to.real(static_cast<double>(value.imag()));
        to.call();
    }
    static T read(const plain_value &value, const value_path &where) {
        if (value.is_tagged("complex") && value.items.size() == 2)
            return {part::read(value.items[0], where), part::read(value.items[1], where)};
        return part::read(value, where);
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<std::is_same_v<T, uuid>>> {
    static void write(pickle_writer &to, const T &value, const value_path &) {
        to.helper("as_uuid");
        to.mark();
        to.bytes({reinterpret_cast<const char *>(value.bytes.data()), value.bytes.size()});
        to.call();
    }
    static T read(const plain_value &value, const value_path &where) {
        const plain_value &raw =
            only_item(value, "uuid", plain_value::kind::bytes, where, "uuid.UUID");
        T result;
        if (raw.text.size() != result.bytes.size())
            throw_wrong_plain(where, "uuid.UUID", value);
        std::copy(raw.text.begin(), raw.text.end(), result.bytes.begin());
        return result;
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<std::is_same_v<T, decimal>>> {
    static void write(pickle_writer &to, const T &value, const value_path &where) {
        to.global("decimal", "Decimal");
        to.mark();
        plain_converter<std::string_view>::write(to, value.text, where);
        to.call();
    }
    static T read(const plain_value &given, const value_path &where) {
        const plain_value &value = without_enum(given);
        if (value.what == plain_value::kind::integer)
            return {std::to_string(value.integer)};
        return {std::string(
            only_item(value, "decimal", plain_value::kind::text, where, "decimal.Decimal").text)};
    }
};

template <class T>
struct plain_converter<T, std::enable_if_t<std::is_same_v<T, byte_array>>> {
    static void write(pickle_writer &to, const T &value, const value_path &) {
        to.bytearray(value.data);
    }
    static T read(const plain_value &value, const value_path &where) {
        return {plain_converter<bytes>::read(value, where).data};
    }
};

}  // namespace detail

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/plain_classes.ipp>
#endif
