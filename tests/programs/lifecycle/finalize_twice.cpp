// A second finalize() returns the first one's report and does nothing; so does the destructor after it.
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"

int main() {
    holdfast::interpreter python;
    const holdfast::finalize_report first = python.finalize(std::chrono::seconds(5));
    CHECK(first.finalized);
    for (int i = 0; i < 3; ++i) {
        const holdfast::finalize_report again = python.finalize(std::chrono::milliseconds(0));
        CHECK(again.finalized);
        CHECK(again.still_inside.empty());
        CHECK(again.status == first.status);
        CHECK(again.text() == first.text());
    }
}
