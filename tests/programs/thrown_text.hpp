// thrown_text.hpp: what() of the error that an action throws.
#pragma once

#include <string>

#include "contains.hpp"

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
