// detach_guard works whatever attached the thread: PyGILState, Py_BEGIN_ALLOW_THREADS pairs, or plain states.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        CHECK(holdfast::attached());
        {
            const holdfast::detach_guard detached;
            CHECK(!holdfast::attached());
        }
        CHECK(holdfast::attached());
        Py_BEGIN_ALLOW_THREADS CHECK(!holdfast::attached());
        const holdfast::detach_guard nothing;
        Py_END_ALLOW_THREADS run_python("still = 'attached'");
        PyGILState_Release(before);
        CHECK(!holdfast::attached());
    }).join();
    std::thread([&] {
        PyThreadState *const state = PyThreadState_New(PyInterpreterState_Main());
        PyEval_RestoreThread(state);
        {
            const holdfast::detach_guard detached;
            CHECK(!holdfast::attached());
        }
        CHECK(PyThreadState_Get() == state);
        PyThreadState_Clear(state);
        PyThreadState_DeleteCurrent();
    }).join();
}
