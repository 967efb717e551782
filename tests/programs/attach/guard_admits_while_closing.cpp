// The holder of a guard, even a new one, can attach after finalize() has begun; its attach may outlive the guard.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

void handed_over() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event started;

    std::thread giver([&] {
        holdfast::interpreter_guard guard(view);
        std::thread([&, mine = std::move(guard)]() mutable {
            started.set();
            while (view.reason() != holdfast::closed_reason::finalizing)
                std::this_thread::yield();
            const holdfast::interpreter_guard moved = std::move(mine);
            CHECK(!mine);
            {
                const holdfast::attach_guard attached(moved);
                run_python("work = 'done'");
                const holdfast::attach_guard nested;
                const holdfast::detach_guard detached;
                const holdfast::attach_guard again(view);
            }
            const holdfast::attach_guard attached_again(moved);
        }).detach();
        CHECK(!guard);
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard none(guard); }) ==
              "HF201");
    });
    started.wait();
    giver.join();
    CHECK(python.finalize(std::chrono::seconds(10)));
}

/// A thread that holds a guard may attach by a view, and make another guard.
void held() {
    holdfast::interpreter python;
    const holdfast::interpreter_view view = python;
    event taken;
    event closing;
    std::thread holder([&] {
        const holdfast::interpreter_guard guard(view);
        taken.set();
        closing.wait();
        const holdfast::interpreter_guard another(view, std::nothrow);
        CHECK(another);
        const holdfast::attach_guard attached(view, std::nothrow);
        CHECK(attached);
        run_python("work = 'done'");
    });
    taken.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(0)));
    closing.set();
    CHECK(python.finalize(std::chrono::seconds(10)));
    holder.join();
}

/// A thread that attached by a guard counts as inside by itself.
void outlived() {
    holdfast::interpreter python;
    event taken;
    event closing;
    event only_attached;
    event may_leave;
    std::thread holder([&] {
        std::optional<holdfast::interpreter_guard> guard(std::in_place, python.view());
        taken.set();
        closing.wait();
        const holdfast::attach_guard attached(*guard);
        guard.reset();
        {
            const holdfast::detach_guard detached;
            only_attached.set();
            may_leave.wait();
        }
        run_python("work = 'done'");
    });
    taken.wait();
    CHECK(!python.finalize(std::chrono::milliseconds(0)));
    closing.set();
    only_attached.wait();
    CHECK(python.finalize(std::chrono::milliseconds(10)).still_inside.size() == 1);
    may_leave.set();
    CHECK(python.finalize(std::chrono::seconds(10)));
    holder.join();
}

}  // namespace

int main() {
    handed_over();
    held();
    outlived();
}
