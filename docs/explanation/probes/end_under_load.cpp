// How long does the end of Python take while threads keep attaching?
//
// Built twice: with -DPEER=0 for the views of PEP 788 (CPython 3.15) and Py_FinalizeEx, with -DPEER=2
// for holdfast. The argument is the number of threads. Gives up after ten seconds.
#if PEER == 2
#include <holdfast/holdfast.hpp>
#else
#include <Python.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

std::atomic<long> calls{0};

void use_python() {
    PyObject *const number = PyLong_FromLong(calls++);
    Py_XDECREF(number);
}

void let_time_pass() {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

#if PEER == 2
class python {
public:
    bool attach_and_use() const {
        const holdfast::attach_guard attached(running_.view(), std::nothrow);
        if (attached)
            use_python();
        return static_cast<bool>(attached);
    }
    void let_others_run() const { let_time_pass(); }
    void end() { running_.finalize(std::chrono::milliseconds::max()); }

private:
    holdfast::interpreter running_;
};
#else
class python {
public:
    python() {
        Py_InitializeEx(0);
        view_ = PyInterpreterView_FromMain();
    }
    bool attach_and_use() const {
        PyThreadStateToken *const token = PyThreadState_EnsureFromView(view_);
        if (token == nullptr)
            return false;
        use_python();
        PyThreadState_Release(token);
        return true;
    }
    void let_others_run() const {
        PyThreadState *const state = PyEval_SaveThread();
        let_time_pass();
        PyEval_RestoreThread(state);
    }
    void end() const { Py_FinalizeEx(); }

private:
    PyInterpreterView *view_ = nullptr;
};
#endif

}  // namespace

int main(int count, char **arguments) {
    const int wanted = count > 1 ? std::atoi(arguments[1]) : 8;
    python running;
    std::vector<std::thread> threads;
    for (int i = 0; i < wanted; ++i)
        threads.emplace_back([&] {
            while (running.attach_and_use()) {
            }
        });
    running.let_others_run();
    std::thread([wanted] {
        std::this_thread::sleep_for(std::chrono::seconds(10));
        std::printf("%d threads: not over after 10 s, %ld calls\n", wanted, calls.load());
        std::fflush(stdout);
        std::_Exit(1);
    }).detach();
    const auto begun = std::chrono::steady_clock::now();
    const long before = calls;
    running.end();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begun;
    std::printf("%d threads: over after %.1f ms, %ld calls meanwhile\n", wanted, taken.count(), calls - before);
    for (std::thread &thread : threads)
        thread.join();
}
