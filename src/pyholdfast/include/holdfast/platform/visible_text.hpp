// holdfast/platform/visible_text.hpp: escapes text from outside so that it is safe to print.
//
// Thread names, file names and environment variables are bytes. Printed unchanged, they could move
// the cursor or forge a log line. They may not even be UTF-8, which Python would refuse.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// The length in bytes of the UTF-8 character at the front of `text`, which is not empty; 0 if
/// there is none.
HOLDFAST_DETAIL_RARE inline std::size_t utf8_length(std::string_view text,
                                                    char32_t &character) noexcept {
    const auto byte = [&](std::size_t i) -> char32_t {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const char32_t first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    character = length <= 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return 0;
        character = character << 6U | (byte(i) & 0x3FU);
    }
    const bool too_long =
        (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
    const bool nobody = (character >= 0xD800 && character < 0xE000) || character > 0x10FFFF;
    return too_long || nobody ? 0 : length;
}

/// Whether a character acts instead of being visible: control characters, line separators and
/// direction marks.
HOLDFAST_DETAIL_RARE inline bool is_invisible(char32_t character) noexcept {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x200E ||
           character == 0x200F || (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;
}

/// `text` as UTF-8. Invisible characters and invalid bytes are escaped as Python escapes them in a
/// string: \x1b, \n, \u202e.
/// \param keep  characters that stay as they are.
HOLDFAST_DETAIL_RARE inline std::string visible_text(std::string_view text,
                                                     std::string_view keep = {}) {
    std::string to;
    while (!text.empty()) {
        char32_t character = 0;
        const std::size_t length = utf8_length(text, character);
        char escaped[16] = "";
        if (length == 1 && keep.find(text[0]) != std::string_view::npos)
            escaped[0] = '\0';
        else if (length == 0)
            std::snprintf(escaped, sizeof escaped, "\\x%02x",
                          static_cast<unsigned>(static_cast<unsigned char>(text[0])));
        else if (character == '\n' || character == '\r' || character == '\t')
            std::snprintf(escaped, sizeof escaped, "\\%c",
                          character == '\n'   ? 'n'
                          : character == '\r' ? 'r'
                                              : 't');
        else if (is_invisible(character))
            std::snprintf(escaped, sizeof escaped, character < 0x100 ? "\\x%02x" : "\\u%04x",
                          static_cast<unsigned>(character));
        if (escaped[0] != '\0')
            to += escaped;
        else
            to += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return to;
}

/// For text with several lines, such as messages and stacks.
HOLDFAST_DETAIL_RARE inline std::string visible_lines(std::string_view text) {
    return visible_text(text, "\n\t");
}

}  // namespace holdfast::detail
