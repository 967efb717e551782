// finalize() waits for threads that are inside but detached; each returns, whatever frame it is in.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> came_back{0};

// Up to CPython 3.13 a thread that comes back during Py_FinalizeEx is unwound by force, which ends the
// process in a noexcept frame, and in a catch that swallows the unwinding.
void in_a_plain_frame(const holdfast::interpreter_view &view, event &detached, event &go) {
    const holdfast::attach_guard attached(view);
    {
        const holdfast::detach_guard blocking;
        detached.set();
        go.wait();
    }
    run_python("back = True");
    came_back.fetch_add(1);
}

void in_a_noexcept_frame(const holdfast::interpreter_view &view, event &detached,
                         event &go) noexcept {
    in_a_plain_frame(view, detached, go);
}

void in_a_catching_frame(const holdfast::interpreter_view &view, event &detached, event &go) {
    try {
        in_a_plain_frame(view, detached, go);
    } catch (...) {
        CHECK_NOT_REACHED("nothing is thrown");
    }
}

}  // namespace

int main() {
    holdfast::interpreter python;
    event detached[3];
    event go;
    std::thread plain([&] { in_a_plain_frame(python, detached[0], go); });
    std::thread strict([&] { in_a_noexcept_frame(python, detached[1], go); });
    std::thread lax([&] { in_a_catching_frame(python, detached[2], go); });
    for (const event &one : detached)
        one.wait();

    std::thread waker([&] {
        while (python.view().reason() != holdfast::closed_reason::finalizing)
            std::this_thread::yield();
        go.set();
    });
    CHECK(python.finalize(std::chrono::seconds(10)));
    CHECK(came_back.load() == 3);
    waker.join();
    plain.join();
    strict.join();
    lax.join();
}
