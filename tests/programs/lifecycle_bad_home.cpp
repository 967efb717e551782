// A home without a standard library is HF234 before anything is lost: a good start still works.
#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    const std::string home = "/nowhere/at/all";
    std::string said;
    try {
        holdfast::interpreter_config config;
        config.home = home;
        holdfast::interpreter python(config);
    } catch (const holdfast::startup_error &error) {
        CHECK(std::string(error.code()) == "HF234");
        said = error.what();
    }
    CHECK(said.find(home) != std::string::npos);
    CHECK(said.find("\n  do: ") != std::string::npos);

    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    run_python("import json");
}
