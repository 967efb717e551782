// holdfast/platform/joined.hpp: messages that are made of several parts.
//
// A chain of operator+ is compiled into a call, a test and a clean-up for every part. Reports have a
// dozen parts each, and a host that compiles the headers alone waits for all of that.
#pragma once

#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Appends the parts, one after the other, to `text`. None may be a part of `text`.
HOLDFAST_DETAIL_COLD inline void append(std::string &text,
                                        std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
        text.append(part.data(), part.size());
}

/// The parts, one after the other.
HOLDFAST_DETAIL_COLD inline std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    append(text, parts);
    return text;
}

/// In decimal digits. std::to_string() is compiled again in every host.
HOLDFAST_DETAIL_COLD inline std::string number_text(unsigned long long number) {
    char text[24];
    std::snprintf(text, sizeof text, "%llu", number);
    return text;
}

}  // namespace holdfast::detail
