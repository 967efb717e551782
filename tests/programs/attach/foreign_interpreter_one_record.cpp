// An interpreter of other code gets one record and one set of hooks, however many threads meet it first.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "check.hpp"
#include "run_python.hpp"

namespace {

constexpr int rounds = 20, threads = 6;

long callbacks_at_exit() { return number_of_python("__import__('atexit')._ncallbacks()"); }

struct meeting {
    PyThreadState *of_main = nullptr;
    PyThreadState *first = nullptr;
    PyInterpreterState *where = nullptr;

    meeting() {
        of_main = PyThreadState_Get();
        first = Py_NewInterpreter();
        where = PyThreadState_GetInterpreter(first);
        before = callbacks_at_exit();
        PyThreadState_Swap(of_main);
    }
    ~meeting() {
        PyThreadState_Swap(first);
        after = callbacks_at_exit();
        CHECK(after == before + 1);
        Py_EndInterpreter(first);
        PyThreadState_Swap(of_main);
    }
    long before = 0, after = 0;
};

/// All of `threads` threads are attached there at once, as far as there is one GIL, and ask where they are.
void meet(PyInterpreterState *where) {
    std::atomic<int> ready{0};
    std::vector<holdfast::interpreter_view> views(threads);
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&, i] {
            PyThreadState *const mine = PyThreadState_New(where);
            ready.fetch_add(1);
            while (ready.load() < threads)
                std::this_thread::yield();
            PyEval_RestoreThread(mine);
            views[static_cast<std::size_t>(i)] = holdfast::current_view();
            PyThreadState_Clear(mine);
            PyThreadState_DeleteCurrent();
        });
    for (std::thread &one : all)
        one.join();
    for (const holdfast::interpreter_view &view : views) {
        CHECK(view.alive());
        CHECK(view == views.front());
    }
}

}  // namespace

int main() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::microseconds(1);
    holdfast::interpreter python(config);
    for (int round = 0; round < rounds; ++round) {
        const holdfast::attach_guard attached(python);
        const meeting one;
        const holdfast::detach_guard detached;
        meet(one.where);
    }
    CHECK(python.finalize(std::chrono::seconds(10)).finalized);
}
