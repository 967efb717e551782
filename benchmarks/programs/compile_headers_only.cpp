// compile_headers_only.cpp: a host that only attaches, made of nothing but the headers.
#include <holdfast/attach/guards.hpp>

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
