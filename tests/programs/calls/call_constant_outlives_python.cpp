// A function<> at namespace scope does nothing before its first call, works in each interpreter, and may outlive Python.
#include <holdfast/holdfast.hpp>

#include <cstdlib>
#include <string>

#include "check.hpp"
#include "thrown.hpp"

namespace {

const holdfast::function<std::string(int)> hex{"builtins", "hex"};
const holdfast::function<int(std::string, holdfast::defaulted<int>)> to_int{
    "builtins", "int", {"base"}};

struct calls_late {
    ~calls_late() {
        if (thrown_code<holdfast::closed_error>([] { hex(1); }) != "HF203")
            std::_Exit(1);
    }
} const destroyed_after_main;

}  // namespace

int main() {
    CHECK(thrown_code<holdfast::closed_error>([] { hex(1); }) == "HF201");
    for (int generation = 0; generation < 3; ++generation) {
        holdfast::interpreter python;
        CHECK(hex(255) == "0xff");
        CHECK(to_int("10") == 10 && to_int("10", 16) == 16);
        holdfast::exec(
            "import builtins\n"
            "builtins.hex = lambda value: 'another'\n");
        CHECK(hex(255) == "0xff");  // found once
        CHECK(python.finalize(std::chrono::seconds(5)));
        CHECK(thrown_code<holdfast::closed_error>([] { hex(1); }) == "HF203");
    }
}
