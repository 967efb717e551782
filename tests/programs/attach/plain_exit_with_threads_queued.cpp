// If Python exits while a thread waits to attach, that thread is lost, but not the process.
// deadline: 60
// python: gil
// short-run: no
#include <holdfast/thread_state.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <thread>

#include "check.hpp"
#include "environment.hpp"
#include "own_child.hpp"

namespace {

constexpr int threads = 16;
// Of the GIL by each, in turn: far more in all than the exit waits
constexpr std::chrono::milliseconds hold{20};

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
                std::this_thread::sleep_for(hold);
            }
        }).detach();
    while (!inside.load())
        std::this_thread::yield();
    PyEval_RestoreThread(main_state);
    Py_FinalizeEx();
    std::_Exit(8);
}

}  // namespace

int main(int argc, char **argv) {
    const own_children children(argc, argv, {&host});
    for (int round = 0; round < 8; ++round)
        CHECK(children.status_of_body(0) == 8);
}
