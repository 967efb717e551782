// refusal_of.hpp: the error of a start that is refused.
#pragma once

#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"

/// what() of the startup_error with this code that a start throws.
inline std::string refusal_of(const holdfast::interpreter_config &config, const std::string &code) {
    try {
        const holdfast::interpreter python(config);
    } catch (const holdfast::startup_error &error) {
        CHECK(error.code() == code);
        return error.what();
    }
    CHECK_NOT_REACHED("it started");
    return "";
}
