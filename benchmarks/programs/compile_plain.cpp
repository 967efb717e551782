// compile_plain.cpp: the host of compile_holdfast.cpp by CPython's own means.
#include <Python.h>

#include <thread>

int main() {
    Py_Initialize();
    PyThreadState *const main_state = PyEval_SaveThread();
    std::thread([] {
        const PyGILState_STATE attached = PyGILState_Ensure();
        PyRun_SimpleString("pass");
        PyGILState_Release(attached);
    }).join();
    PyEval_RestoreThread(main_state);
    return Py_FinalizeEx();
}
