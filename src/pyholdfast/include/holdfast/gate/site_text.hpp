// holdfast/gate/site_text.hpp: the source line where a guard was made, for reports.
//
// Must not include <Python.h>.
#pragma once

#include <cstring>
#include <string>

#include <holdfast/gate/gate.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/formatted.hpp>

namespace holdfast::detail {

/// "host.cpp:12"; only the text if there is no line, as from a C caller. A guard made by
/// std::make_unique() or a container records a line in that library, which would mislead.
HOLDFAST_DETAIL_RARE inline std::string site_text(call_site where) {
    if (where.file() == nullptr)
        return "?";
    if (where.line() == 0)
        return where.file();
    const bool is_hidden = std::strstr(where.file(), "/c++/") != nullptr;
    return formatted("%s%s:%u%s", is_hidden ? "a line that is hidden by " : "", where.file(),
                     static_cast<unsigned>(where.line()),
                     is_hidden ? " (use holdfast::make_guard())" : "");
}

}  // namespace holdfast::detail
