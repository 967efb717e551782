// holdfast/platform/formatted.hpp: messages that are made of several parts.
//
// A chain of operator+ is compiled into a call, a test and a clean-up for every part. Reports have a
// dozen parts each, and a host that compiles the headers alone waits for all of that.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <string>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Appends to `text`, as vprintf() prints. No argument may be a part of `text`.
HOLDFAST_DETAIL_RARE HOLDFAST_DETAIL_PRINTF(2, 0) inline void append_list(std::string &text,
                                                                          const char *format,
                                                                          std::va_list arguments) {
    std::va_list again;
    va_copy(again, arguments);
    const int size = std::vsnprintf(nullptr, 0, format, arguments);
    const std::size_t before = text.size();
    const std::size_t after = before + static_cast<std::size_t>(size < 0 ? 0 : size);
    text.resize(after + 1);  // vsnprintf() ends what it writes with a zero
    std::vsnprintf(&text[before], after + 1 - before, format, again);
    text.resize(after);
    va_end(again);
}

/// Appends to `text`, as printf() prints. No argument may be a part of `text`.
HOLDFAST_DETAIL_RARE HOLDFAST_DETAIL_PRINTF(2, 3) inline void append(std::string &text,
                                                                     const char *format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    append_list(text, format, arguments);
    va_end(arguments);
}

/// What printf() would print.
HOLDFAST_DETAIL_RARE HOLDFAST_DETAIL_PRINTF(1, 2) inline std::string
    formatted(const char *format, ...) {
    std::string text;
    std::va_list arguments;
    va_start(arguments, format);
    append_list(text, format, arguments);
    va_end(arguments);
    return text;
}

}  // namespace holdfast::detail
