// What happens to threads that attach while, or after, Python ends?
//
// Built three times, with -DPEER=0 (PyGILState), 1 (pybind11's guards) and 2 (holdfast). Argument
// "late": one thread attaches after the end. "storm": eight attach in a loop during the end.
// Prints "ok" if all threads finished.
#if PEER == 1
#include <pybind11/embed.h>
#elif PEER == 2
#include <holdfast/holdfast.hpp>
#else
#include <Python.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <vector>

namespace {

void use_python() {
    PyObject *const number = PyLong_FromLong(12345678);
    Py_XDECREF(number);
}

void let_time_pass() {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

#if PEER == 2
class python {
public:
    void attach_and_use() const {
        const holdfast::attach_guard attached(running_.view(), std::nothrow);
        if (attached)
            use_python();
    }
    void let_others_run() const { let_time_pass(); }
    void end() { running_.finalize(std::chrono::seconds(5)); }

private:
    holdfast::interpreter running_;
};
#else
class python {
public:
#if PEER == 1
    python() { pybind11::initialize_interpreter(false); }
    void attach_and_use() const {
        const pybind11::gil_scoped_acquire attached;
        use_python();
    }
    void end() const { pybind11::finalize_interpreter(); }
#else
    python() { Py_InitializeEx(0); }
    void attach_and_use() const {
        const PyGILState_STATE before = PyGILState_Ensure();
        use_python();
        PyGILState_Release(before);
    }
    void end() const { Py_FinalizeEx(); }
#endif
    void let_others_run() const {
        PyThreadState *const state = PyEval_SaveThread();
        let_time_pass();
        PyEval_RestoreThread(state);
    }
};
#endif

}  // namespace

int main(int count, char **arguments) {
    const bool storm = count > 1 && std::strcmp(arguments[1], "storm") == 0;
    python running;
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; storm && i < 8; ++i)
        threads.emplace_back([&] {
            while (!over)
                running.attach_and_use();
        });
    running.let_others_run();
    running.end();
    let_time_pass();
    over = true;
    if (!storm)
        threads.emplace_back([&] { running.attach_and_use(); });
    for (std::thread &thread : threads)
        thread.join();
    std::puts("ok");
}
