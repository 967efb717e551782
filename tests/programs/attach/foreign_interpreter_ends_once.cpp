// An interpreter of other code that is being ended is not registered again by the code that runs last in it.
#include <holdfast/holdfast.hpp>

#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

namespace {

holdfast::interpreter_view last_seen;

void look() {
    const holdfast::attach_guard attached;
    CHECK(PyRun_SimpleString("still_attached = 1") == 0);
    try {
        last_seen = holdfast::current_view();
    } catch (const holdfast::closed_error &) {}
}

/// atexit calls the youngest function first: this one is older than holdfast's.
void look_at_exit() {
    static PyMethodDef method = {"look",
                                 [](PyObject *, PyObject *) -> PyObject * {
                                     look();
                                     Py_RETURN_NONE;
                                 },
                                 METH_NOARGS, nullptr};
    PyObject *const function = PyCFunction_New(&method, nullptr);
    PyObject *const main = PyImport_AddModule("__main__");
    CHECK(PyModule_AddObjectRef(main, "look", function) == 0);
    Py_DECREF(function);
    run_python(
        "import atexit\n"
        "atexit.register(look)\n"
        "class Looks:\n"
        "    def __del__(self, look=look): look()\n"
        "kept = Looks()");
}

}  // namespace

int main() {
    Py_Initialize();
    PyThreadState *const of_main = PyThreadState_Get();
    for (int round = 0; round < 3; ++round) {  // another one may have the same address
        PyThreadState *const sub = Py_NewInterpreter();
        look_at_exit();
        look();
        CHECK(last_seen.alive());
        Py_EndInterpreter(sub);
        PyThreadState_Swap(of_main);
        CHECK(!last_seen.alive());
        PyThreadState *const away = PyEval_SaveThread();
        std::thread([] { CHECK(!holdfast::attach_guard(last_seen, std::nothrow)); }).join();
        PyEval_RestoreThread(away);
    }
    CHECK(Py_FinalizeEx() == 0);
}
