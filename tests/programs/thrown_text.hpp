// thrown_text.hpp: what() of the error that an action throws.
#pragma once

#include <cstdio>
#include <string>

/// what() of the Error that `action` throws; "" if it throws nothing.
template <class Error, class Action>
std::string thrown_text(Action &&action) {
    try {
        action();
    } catch (const Error &error) {
        return error.what();
    }
    return "";
}

/// Whether a text contains another; shows the text where it does not.
inline bool contains(const std::string &text, const std::string &part) {
    if (text.find(part) != std::string::npos)
        return true;
    std::fprintf(stderr, "'%s' is not in:\n%s\n", part.c_str(), text.c_str());
    return false;
}
