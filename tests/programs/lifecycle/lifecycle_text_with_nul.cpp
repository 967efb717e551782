// A string in the configuration with a NUL is refused with HF237; Python can still be started afterwards.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    const std::string cut("before\0after", 12);
    const auto refused = [](const holdfast::interpreter_config &config) {
        return thrown_code<holdfast::startup_error>(
                   [&] { holdfast::interpreter python(config); }) == "HF237";
    };
    holdfast::interpreter_config config;
    config.argv = {"host", cut};
    CHECK(refused(config));
    config = {};
    config.program_name = cut;
    CHECK(refused(config));
    config = {};
    config.executable = cut;
    CHECK(refused(config));
    config = {};
    config.home = cut;
    CHECK(refused(config));
    config = {};
    config.module_search_paths = {".", cut};
    CHECK(refused(config));
    config = {};
    config.trace = cut;
    CHECK(refused(config));

    holdfast::interpreter python;
    CHECK(python.finalize(std::chrono::seconds(10)).finalized);
}
