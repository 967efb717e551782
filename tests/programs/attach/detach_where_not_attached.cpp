// detach_guard does nothing on a thread that is not attached: before the start, after the end, nested.
#include <holdfast/interpreter.hpp>

#include <chrono>

#include "check.hpp"

int main() {
    {
        const holdfast::detach_guard before_start;
        CHECK(!holdfast::attached());
    }
    holdfast::interpreter python;
    {
        const holdfast::detach_guard detached;
        const holdfast::detach_guard again;
        CHECK(!holdfast::attached());
    }
    CHECK(!holdfast::attached());
    CHECK(python.finalize(std::chrono::seconds(5)));
    const holdfast::detach_guard after_end;
    CHECK(!holdfast::attached());
}
