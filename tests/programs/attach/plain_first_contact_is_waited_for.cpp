// Py_FinalizeEx() waits for a thread whose first attach had begun when another one registered the interpreter.
#include <holdfast/thread_state.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "slow_new_state.hpp"

namespace {

event in_the_middle;
event ending;
event ended;

void stay_in_the_middle() {
    in_the_middle.set();
    ending.wait();
    CHECK(!ended.wait_for(std::chrono::milliseconds(50)));  // all the time that an end may want
}

PyObject *note_the_end(PyObject *, PyObject *) {
    ending.set();
    Py_RETURN_NONE;
}
PyMethodDef noting = {"note_the_end", &note_the_end, METH_NOARGS, nullptr};

}  // namespace

int main() {
    slow_new_state::install(&stay_in_the_middle);
    Py_InitializeEx(0);
    PyThreadState *const main_state = PyEval_SaveThread();
    std::thread slow([] {
        slow_new_state::is_next = true;
        const holdfast::attach_guard refused(holdfast::main_view(), std::nothrow);
        CHECK(!refused);
    });
    in_the_middle.wait();
    { const holdfast::attach_guard known(holdfast::main_view()); }
    PyEval_RestoreThread(main_state);
    run_python("import atexit");
    PyObject *const function = PyCFunction_New(&noting, nullptr);
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    CHECK(function != nullptr && PyDict_SetItemString(names, "note_the_end", function) == 0);
    Py_DECREF(function);
    run_python("atexit.register(note_the_end)");  // the last to be registered comes first
    CHECK(Py_FinalizeEx() == 0);
    ended.set();
    slow.join();
}
