// A switch interval that Python rejects is a startup_error, and Python has ended afterwards.
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::microseconds(-5);
    CHECK(thrown_code<holdfast::startup_error>([&] { holdfast::interpreter python(config); }) ==
          "HF230");
    CHECK(!holdfast::main_view().alive());
    CHECK(!holdfast::attached());
}
