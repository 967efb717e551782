// holdfast/isolated/plain_converter.ipp: the bodies of plain_converter.hpp.
#pragma once

#include <holdfast/isolated/plain_converter.hpp>

#include <holdfast/platform/visible_text.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY void throw_wrong_plain(const value_path &where, const char *wanted,
                                                 const plain_value &found) {
    throw_wrong_type(where, wanted, found.type_name());
}

/// The index of the first byte that is not valid UTF-8, or the size.
HOLDFAST_DETAIL_BODY std::size_t valid_prefix(std::string_view text) noexcept {
    std::size_t done = 0;
    while (done < text.size()) {
        if (static_cast<unsigned char>(text[done]) < 0x80) {
            ++done;
            continue;
        }
        char32_t character = 0;
        const std::size_t length = utf8_length(text.substr(done), character);
        if (length == 0)
            break;
        done += length;
    }
    return done;
}

HOLDFAST_DETAIL_BODY std::string_view text_of(const plain_value &given, const value_path &where,
                                              const char *wanted) {
    const plain_value &value = without_enum(given);
    if (value.what != plain_value::kind::text)
        throw_wrong_plain(where, wanted, given);
    const std::size_t valid = valid_prefix(value.text);
    if (valid != value.text.size())
        throw conversion_error(
            "HF403",
            where.text() +
                ": the str cannot be encoded as UTF-8, because of a lone surrogate at byte " +
                std::to_string(valid),
            "encode it in Python, e.g. with os.fsencode(), and take holdfast::bytes");
    return value.text;
}

HOLDFAST_DETAIL_BODY void demand_unicode(std::string_view value, const value_path &where) {
    const std::size_t valid = valid_prefix(value);
    if (valid != value.size())
        throw conversion_error(
            "HF401",
            where.text() + ": the string is not valid UTF-8 at byte " + std::to_string(valid),
            "pass UTF-8, or holdfast::bytes_view and let Python decode it");
}

HOLDFAST_DETAIL_BODY double double_of(const plain_value &given, const value_path &where,
                                      const char *type) {
    const plain_value &value = without_enum(given);
    switch (value.what) {
    case plain_value::kind::real:
        return value.real;
    case plain_value::kind::boolean:
        return value.truth ? 1 : 0;
    case plain_value::kind::integer:
        return static_cast<double>(value.integer);
    case plain_value::kind::large_integer:
        break;
    default:
        throw_wrong_plain(where, "float", given);
    }
    const bool negative = (static_cast<unsigned char>(value.text.back()) & 0x80U) != 0;
    double number = 0;
    for (std::size_t i = value.text.size(); i-- > 0;) {
        const unsigned byte = static_cast<unsigned char>(value.text[i]);
        number = number * 256 + (negative ? 255 - byte : byte);
    }
    if (std::isinf(number))
        throw_does_not_fit(where, text_of_integer(value), type);
    return negative ? -number - 1 : number;
}

HOLDFAST_DETAIL_COLD_BODY std::string text_of_integer(const plain_value &value) {
    if (value.what == plain_value::kind::integer)
        return std::to_string(value.integer);
    return "a number of " + std::to_string(value.text.size() * 8) + " bits";
}

HOLDFAST_DETAIL_BODY const plain_value &without_enum(const plain_value &value) noexcept {
    // (names of its classes, name of the member, value, whether it is an int or a str)
    const bool is_plain = value.is_tagged("enum") && value.items.size() == 4 &&
                          value.items[3].what == plain_value::kind::boolean && value.items[3].truth;
    return is_plain ? value.items[2] : value;
}

}  // namespace holdfast::detail
