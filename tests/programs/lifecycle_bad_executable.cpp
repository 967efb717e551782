// An executable that is not there, or is a folder, is HF232; by a variable HF236, naming the variable.
#include <holdfast/interpreter.hpp>

#include <string>

#include <stdlib.h>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::string refusal_of(const holdfast::interpreter_config &config, const char *code) {
    try {
        holdfast::interpreter python(config);
    } catch (const holdfast::startup_error &error) {
        CHECK(std::string(error.code()) == code);
        return error.what();
    }
    CHECK(!"it started");
    return "";
}

}  // namespace

int main() {
    holdfast::interpreter_config config;
    config.executable = "/nowhere/bin/python";
    CHECK(refusal_of(config, "HF232").find("/nowhere/bin/python") != std::string::npos);
    config.executable = "/tmp";
    CHECK(refusal_of(config, "HF232").find("folder") != std::string::npos);

    setenv("VIRTUAL_ENV", "/nowhere/venv", 1);
    CHECK(refusal_of({}, "HF236").find("VIRTUAL_ENV") != std::string::npos);
    setenv("HOLDFAST_PYTHON", "/nowhere/else/python", 1);  // goes first
    const std::string said = refusal_of({}, "HF236");
    CHECK(said.find("HOLDFAST_PYTHON") != std::string::npos);
    CHECK(said.find("/nowhere/else/python") != std::string::npos);

    config = {};
    config.isolated = true;  // looks at neither
    holdfast::interpreter python(config);
    const holdfast::attach_guard attached(python.view());
    run_python("import json");
}
