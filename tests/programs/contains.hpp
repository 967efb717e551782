// contains.hpp: whether a text contains what it should; if not, prints the text.
#pragma once

#include <cstdio>
#include <string>

/// Whether a text contains another; prints the text if it does not.
inline bool contains(const std::string &text, const std::string &part) {
    if (text.find(part) != std::string::npos)
        return true;
    std::fprintf(stderr, "'%s' is not in:\n%s\n", part.c_str(), text.c_str());
    return false;
}
