// within() interrupts the caller, and not a thread that the caller is starting.
#include <holdfast/holdfast.hpp>

#include <chrono>

#include "check.hpp"

namespace {

using namespace std::chrono_literals;

bool was_interrupted(std::chrono::milliseconds limit, const char *code) {
    try {
        holdfast::within(limit, [code] { holdfast::exec(code); });
    } catch (const holdfast::deadline_error &) {
        return true;
    }
    return false;
}

/// What CPython makes for a thread that is being started: up to 3.11 it names the thread that starts it.
void with_a_newer_state() {
    const holdfast::attach_guard attached;
    PyThreadState *const newer = PyThreadState_New(PyInterpreterState_Get());
    CHECK(was_interrupted(20ms, "while True: pass"));
    PyThreadState_Clear(newer);
    PyThreadState_Delete(newer);
}

constexpr const char *start_threads = R"(
import _thread, sys
sys.setswitchinterval(1e-6)
def start():
    while True:
        started = []
        _thread.start_new_thread(started.append, (1,))
        while not started:
            pass
)";

}  // namespace

int main() {
    holdfast::interpreter python;
    with_a_newer_state();
    holdfast::exec(start_threads);
    for (int i = 0; i < 100; ++i)
        CHECK(was_interrupted(2ms, "start()"));
    CHECK(python.finalize(10s));
}
