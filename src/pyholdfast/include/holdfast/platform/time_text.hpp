// holdfast/platform/time_text.hpp: how messages show how long something took.
#pragma once

#include <cstdio>
#include <string>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// "41 ms", or from a second on "1.2 s".
HOLDFAST_DETAIL_RARE inline std::string time_text(double ms) {
    const double shown = ms < 1000 ? ms : ms / 1000;
    char text[32];
    std::snprintf(text, sizeof text, ms < 1000 ? "%.0f ms" : "%.1f s", shown);
    return text;
}

}  // namespace holdfast::detail
