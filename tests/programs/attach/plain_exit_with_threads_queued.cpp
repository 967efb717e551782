// If Python exits while a thread waits to attach, that thread is lost, but not the process.
// deadline: 60
// python: gil
#include <holdfast/thread_state.hpp>

#include <atomic>
#include <new>
#include <thread>

#include <unistd.h>

#include "check.hpp"
#include "child.hpp"
#include "environment.hpp"

namespace {

constexpr int threads = 16;
constexpr unsigned hold_us =
    20'000;  // of the GIL by each, in turn: far more in all than the exit waits

[[noreturn]] void host() {
    set_variable("HOLDFAST_EXIT_LIMIT_MS", "50");
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    std::atomic<bool> inside{false};
    for (int i = 0; i < threads; ++i)
        std::thread([&] {
            for (;;) {
                const holdfast::attach_guard attached(holdfast::main_view(), std::nothrow);
                if (!attached)
                    return;
                inside.store(true);
                // holdfast: ignore[HF613] holding on is what this is about
                usleep(hold_us);
            }
        }).detach();
    while (!inside.load())
        std::this_thread::yield();
    PyEval_RestoreThread(main_state);
    Py_FinalizeEx();
    _exit(8);
}

}  // namespace

int main() {
    for (int round = 0; round < 8; ++round) {
        const pid_t child = fork();
        if (child == 0)
            host();
        CHECK(status_of(child) == 8);
    }
}
