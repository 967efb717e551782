// nanobind's gil_scoped_acquire and gil_scoped_release nest with our guards in either order.
// needs: nanobind
// short-run: no
#include <holdfast/interpreter.hpp>

#include <nanobind/nanobind.h>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

void ours_outside(const holdfast::interpreter_view &view) {
    const holdfast::attach_guard attached(view);
    const nanobind::gil_scoped_acquire acquired;
    run_python("x = 1");
    {
        const nanobind::gil_scoped_release released;
        CHECK(!holdfast::attached());
        {
            const holdfast::attach_guard again(view);
            run_python("x = 2");
            const holdfast::detach_guard detached;
            const nanobind::gil_scoped_acquire once_more;
            run_python("x = 3");
        }
        CHECK(!holdfast::attached());
    }
    const holdfast::detach_guard detached;
    {
        const nanobind::gil_scoped_acquire again;
        run_python("x = 4");
        const nanobind::gil_scoped_release released;
        CHECK(!holdfast::attached());
    }
    CHECK(!holdfast::attached());
}

void theirs_outside(const holdfast::interpreter_view &view) {
    const nanobind::gil_scoped_acquire acquired;
    const holdfast::attach_guard attached(view);
    run_python("x = 5");
    {
        const holdfast::detach_guard detached;
        CHECK(!holdfast::attached());
        {
            const nanobind::gil_scoped_acquire again;
            run_python("x = 6");
            const nanobind::gil_scoped_release released;
            const holdfast::attach_guard once_more(view);
            run_python("x = 7");
        }
        CHECK(!holdfast::attached());
    }
    run_python("x = 8");
    const nanobind::gil_scoped_release released;
    const holdfast::attach_guard inside_release(view);
    run_python("x = 9");
}

}  // namespace

int main() {
    holdfast::interpreter python;
    for (int order = 0; order < 4; ++order) {
        const auto both = [&] {
            for (int round = 0; round < 50; ++round) {
                (order % 2 == 0 ? ours_outside : theirs_outside)(python.view());
                CHECK(!holdfast::attached());
                (order < 2 ? ours_outside : theirs_outside)(python.view());
                CHECK(!holdfast::attached());
            }
        };
        std::thread(both).join();
        if (order == 0)
            both();
        const holdfast::attach_guard attached(python.view());
        CHECK(count_thread_states() == 1);
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
