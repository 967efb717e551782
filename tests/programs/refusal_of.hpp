// refusal_of.hpp: how Python is refused to start.
#pragma once

#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"

/// what() of the startup_error with this code, by which a start ends.
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
