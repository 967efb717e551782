// A home without a standard library is HF234 before CPython starts: a correct start still works.
#include <holdfast/interpreter.hpp>

#include <string>

#include "check.hpp"
#include "contains.hpp"
#include "refusal_of.hpp"
#include "run_python.hpp"

int main() {
    const std::string home = "/nowhere/at/all";
    holdfast::interpreter_config config;
    config.home = home;
    const std::string said = refusal_of(config, "HF234");
    CHECK(contains(said, home));
    CHECK(contains(said, "\n  do: "));

    holdfast::interpreter python;
    const holdfast::attach_guard attached(python.view());
    run_python("import json");
}
