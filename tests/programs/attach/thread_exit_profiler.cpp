// At a thread's exit, no profiler or tracer runs any more: what it keeps in thread_local variables is gone.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> calls{0};
std::atomic<int> calls_too_late{0};

/// Like the stack of a profiler. What tells that it is gone has no destructor itself.
thread_local bool is_gone = false;
struct kept {
    int depth = 0;
    ~kept() { is_gone = true; }
};

int on_event(PyObject *, PyFrameObject *, int, PyObject *) {
    thread_local kept own;
    ++own.depth;
    ++(is_gone ? calls_too_late : calls);
    return 0;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    for (const bool traces : {false, true})
        std::thread([&] {
            const holdfast::attach_guard attached(python.view());
            if (traces)
                PyEval_SetTrace(on_event, nullptr);
            else
                PyEval_SetProfile(on_event, nullptr);
            run_python(
                "import threading\n"
                "class Last:\n"
                "    def __del__(self): ended.append(threading.get_ident())\n"
                "ended = globals().get('ended', [])\n"
                "kept = globals().get('kept') or threading.local()\n"
                "kept.last = Last()\n"
                "threading.current_thread()\n");  // a _DummyThread, which is removed
        }).join();
    CHECK(calls.load() > 0);
    CHECK(calls_too_late.load() == 0);
    const holdfast::attach_guard attached(python.view());
    run_python("assert len(ended) == 2");
}
