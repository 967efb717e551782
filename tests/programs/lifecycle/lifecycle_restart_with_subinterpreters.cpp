// In each run of a restarted Python, sub-interpreters may import the standard library's C modules.
// python: >=3.13
#include <holdfast/holdfast.hpp>

#include <chrono>

#include "check.hpp"

int main() {
    holdfast::subinterpreter_config config;
    config.startup =
        "import datetime, decimal\n"
        "x = datetime.timedelta(1), decimal.Decimal(1)\n";
    for (int run = 0; run < 3; ++run) {
        holdfast::interpreter python;
        {
            holdfast::subinterpreter first(python, config);
            holdfast::subinterpreter second(python, config);
            CHECK(first.finalize(std::chrono::seconds(30)));
            CHECK(second.finalize(std::chrono::seconds(30)));
        }
        CHECK(python.finalize(std::chrono::seconds(30)));
    }
}
