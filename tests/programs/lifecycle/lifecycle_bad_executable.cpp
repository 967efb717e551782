// An executable that does not exist or is a folder is HF232; if a variable names it, HF236, with the variable's name.
#include <holdfast/interpreter.hpp>

#include <filesystem>
#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "environment.hpp"
#include "refusal_of.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter_config config;
    config.executable = "/nowhere/bin/python";
    CHECK(contains(refusal_of(config, "HF232"), "/nowhere/bin/python"));
    config.executable = std::filesystem::temp_directory_path();
    CHECK(contains(refusal_of(config, "HF232"), "folder"));

    set_variable("VIRTUAL_ENV", "/nowhere/venv");
    CHECK(contains(refusal_of({}, "HF236"), "VIRTUAL_ENV"));
    set_variable("HOLDFAST_PYTHON", "/nowhere/else/python");  // goes first
    const std::string said = refusal_of({}, "HF236");
    CHECK(contains(said, "HOLDFAST_PYTHON"));
    CHECK(contains(said, "/nowhere/else/python"));

    config = {};
    config.isolated = true;  // looks at neither
    holdfast::interpreter python(config);
    const holdfast::attach_guard attached(python.view());
    run_python("import json");
}
