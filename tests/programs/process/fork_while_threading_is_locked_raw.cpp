// Expected to hang: the child of os.fork() waits for a lock of `threading` that a lost thread holds.
// raw-twin: hang
// deadline: 3
#include "event.hpp"
#include "fork_while_threading_is_locked.hpp"

#include <thread>

int main() {
    Py_InitializeEx(0);
    run_python("import threading");
    PyThreadState *const main = PyEval_SaveThread();
    event held;
    event done;
    std::thread known([&] {
        const PyGILState_STATE state = PyGILState_Ensure();
        run_python(hold_the_locks);
        Py_BEGIN_ALLOW_THREADS held.set();
        done.wait();
        Py_END_ALLOW_THREADS PyGILState_Release(state);
    });
    held.wait();
    std::thread([&] {
        const PyGILState_STATE state = PyGILState_Ensure();
        CHECK(child_is_well());
        run_python(let_go_of_the_locks);
        PyGILState_Release(state);
    }).join();
    done.set();
    known.join();
    PyEval_RestoreThread(main);
    return Py_FinalizeEx();
}
