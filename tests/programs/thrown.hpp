// thrown.hpp: the code of the error that an action throws.
#pragma once

#include <string>

/// "HFnnn" of the Error that `action` throws; "" if it throws nothing.
template <class Error, class Action>
std::string thrown_code(Action &&action) {
    try {
        action();
    } catch (const Error &error) {
        return error.code();
    }
    return "";
}
