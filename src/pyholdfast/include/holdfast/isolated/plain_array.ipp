// holdfast/isolated/plain_array.ipp: the bodies of plain_array.hpp.
#pragma once

#include <holdfast/isolated/plain_array.hpp>

#include <limits>

#include <holdfast/convert/exported.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY bool numbers_of(const plain_value &value, plain_numbers &found) {
    using kind = plain_value::kind;
    if (value.what == kind::bytes) {
        found = {{'u', 1}, {value.text.size()}, value.text, value.buffer};
        return true;
    }
    if (!value.is_tagged("array"))
        return false;
    // (name of its class, format, bytes of an element, shape, contents)
    const std::vector<plain_value> &parts = value.items;
    if (parts.size() != 5 || parts[1].what != kind::text || parts[2].what != kind::integer ||
        parts[3].what != kind::tuple || parts[4].what != kind::bytes || parts[2].integer <= 0 ||
        parts[2].integer > std::numeric_limits<int>::max() ||
        parts[3].items.size() > static_cast<std::size_t>(most_dimensions))
        throw malformed_answer("an array is not described as one");
    const auto size = static_cast<std::size_t>(parts[2].integer);
    found.of = element_of_format(std::string(parts[1].text).c_str(), size);
    found.data = parts[4].text;
    found.buffer = parts[4].buffer;
    const std::size_t left = found.data.size() / size;
    bool fits = found.data.size() % size == 0;
    std::uint64_t count = 1;
    found.shape.clear();
    for (const plain_value &length : parts[3].items) {
        fits = fits && length.what == kind::integer && length.integer >= 0;
        const auto its = fits ? static_cast<std::uint64_t>(length.integer) : 0;
        fits = fits && (its == 0 || count <= left / its || count == 0);
        count *= fits ? its : 0;
        found.shape.push_back(static_cast<std::size_t>(its));
    }
    if (!fits || count != left)
        throw malformed_answer("an array's shape does not fit its contents");
    return true;
}

HOLDFAST_DETAIL_BODY std::string code_of(element of) {
    return std::string(1, of.kind) + std::to_string(of.size);
}

}  // namespace holdfast::detail
