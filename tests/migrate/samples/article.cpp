// A class for the pair, and an order for the main thread, as it was written for Python 2.4.
#include <Python.h>

#include <cstdio>
#include <thread>
#include <vector>

class PyThreadStateLock {
public:
    PyThreadStateLock(void) { state = PyGILState_Ensure(); }
    ~PyThreadStateLock(void) { PyGILState_Release(state); }

private:
    PyGILState_STATE state;
};

static void child(int number) {
    PyThreadStateLock lock;
    PyRun_SimpleString(number % 2 ? "odd = True" : "even = True");
}

int main() {
    Py_Initialize();
    PyEval_InitThreads();
    PyThreadState *mainThreadState = PyThreadState_Get();
    PyEval_ReleaseLock();

    std::vector<std::thread> children;
    for (int i = 0; i < 4; ++i)
        children.emplace_back(child, i);
    for (std::thread &one : children)
        one.join();

    PyEval_AcquireLock();
    PyThreadState_Swap(mainThreadState);
    Py_Finalize();
    std::puts("ended");
}
