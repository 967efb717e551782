// The exception of a limit ends the call as such, whatever reads or writes values at that moment.
#include <holdfast/holdfast.hpp>
#include <holdfast/pickled.hpp>
#include <holdfast/range.hpp>

#include <chrono>
#include <cstdint>
#include <string>

#include "check.hpp"
#include "thrown.hpp"

using namespace std::chrono_literals;

namespace {

/// Not with the next call, which has a limit of its own or none.
void while_items_are_taken_ahead() {
    const auto items = holdfast::eval<holdfast::range<std::int64_t>>("quick_and_then_stuck()");
    std::int64_t seen = 0;
    CHECK_THROWS(holdfast::deadline_error, [&] {
        while (const auto item = holdfast::within(500ms, [&] { return items.next(); }))
            CHECK(*item == seen++);
    }());
    while (const auto item = items.next())  // what was taken before
        CHECK(*item == seen++);
    CHECK(seen == 5);
}

void while_a_value_is_pickled() {
    for (const char *type : {"KeyboardInterrupt", "SystemExit", "MemoryError"}) {
        const auto odd = holdfast::eval<holdfast::object>("Odd(" + std::string(type) + "())");
        try {
            const holdfast::pickled copy(odd);
            CHECK_NOT_REACHED("pickled");
        } catch (const holdfast::python_error &error) {
            CHECK(error.type() == type);
        }
    }
    const auto odd = holdfast::eval<holdfast::object>("Odd(ValueError())");
    CHECK(thrown_code<holdfast::conversion_error>([&] { (void)holdfast::pickled(odd); }) ==
          "HF340");
    const auto endless = holdfast::eval<holdfast::object>("Endless()");
    CHECK_THROWS(holdfast::deadline_error,
                 holdfast::within(50ms, [&] { (void)holdfast::pickled(endless); }));
    const auto broken = holdfast::pickled::from_bytes("cbuiltins\nexit\n(tR.");
    try {
        (void)broken.load();
        CHECK_NOT_REACHED("loaded");
    } catch (const holdfast::python_error &error) {
        CHECK(error.exit_code() == 0);
    }
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import site\n"  // which defines exit()
        "def spin():\n"
        "    count = 0\n"
        "    while True: count += 1\n"
        "def quick_and_then_stuck():\n"
        "    for i in range(5): yield i\n"
        "    spin()\n"
        "class Odd:\n"
        "    def __init__(self, problem): self.problem = problem\n"
        "    def __reduce__(self): raise self.problem\n"
        "class Endless:\n"
        "    def __reduce__(self): spin()\n");
    while_items_are_taken_ahead();
    while_a_value_is_pickled();
}
