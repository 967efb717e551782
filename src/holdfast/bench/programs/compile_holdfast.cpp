// compile_holdfast.cpp: a host that only attaches; the driver times the compiler on it. As `holdfast run` and
// CMake compile it: the runtime's bodies are in an object file of their own.
#define HOLDFAST_COMPILED
#include <holdfast/thread_state.hpp>

#include <thread>

int main() {
    Py_Initialize();
    PyThreadState *const detached = PyEval_SaveThread();
    std::thread([] {
        const holdfast::attach_guard attached;
        PyRun_SimpleString("pass");
    }).join();
    PyEval_RestoreThread(detached);
    return Py_FinalizeEx();
}
