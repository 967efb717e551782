// Ten thousand nested guards are counted exactly: the thread is attached until the last one has ended.
#include <holdfast/interpreter.hpp>

#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

constexpr int levels = 10'000;

void nest(const holdfast::interpreter_view &view, int level) {
    CHECK(holdfast::attached() == (level > 0));
    if (level == levels) {
        run_python("reached = True");
        return;
    }
    if (level % 3 == 0) {
        const holdfast::attach_guard attached(view);
        nest(view, level + 1);
        CHECK(holdfast::attached());
    } else if (level % 3 == 1) {
        const holdfast::attach_guard attached;
        nest(view, level + 1);
        CHECK(holdfast::attached());
    } else {
        const holdfast::attach_guard attached(view, std::nothrow);
        CHECK(attached);
        nest(view, level + 1);
        CHECK(holdfast::attached());
    }
    CHECK(holdfast::attached() == (level > 0));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    // holdfast: ignore[HF601] the last level alone runs Python, and is attached
    nest(python.view(), 0);
    CHECK(!holdfast::attached());
    std::thread([&] {
        // holdfast: ignore[HF607] the last level alone runs Python, and is attached
        nest(python.view(), 0);
        CHECK(!holdfast::attached());
    }).join();
    CHECK(python.finalize(std::chrono::seconds(5)));
}
