// A Python atexit handler may attach on its own thread, with a guard; a Py_AtExit callback is refused.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <string>

#include "check.hpp"
#include "run_python.hpp"

namespace {

holdfast::interpreter_view view;
std::string order;

PyObject *in_atexit(PyObject *, PyObject *) {
    const holdfast::attach_guard nested(view);
    const holdfast::attach_guard by_default;
    {
        const holdfast::detach_guard detached;
        const holdfast::attach_guard again(view);
    }
    order += "atexit ";
    Py_RETURN_NONE;
}

PyMethodDef in_atexit_method{"in_atexit", &in_atexit, METH_NOARGS, nullptr};

void after_python() {
    CHECK_THROWS(holdfast::closed_error, holdfast::attach_guard(view));
    CHECK_THROWS(holdfast::closed_error, holdfast::attach_guard());
    CHECK(!holdfast::attached());
    order += "Py_AtExit ";
}

void in_capsule_destructor(PyObject *) {
    const holdfast::attach_guard nested(view, std::nothrow);
    const holdfast::attach_guard by_default;
    CHECK(nested);
    order += "capsule ";
}

}  // namespace

int main() {
    holdfast::interpreter python;
    view = python;
    CHECK(Py_AtExit(&after_python) == 0);
    {
        const holdfast::attach_guard attached(view);
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        PyObject *const function = PyCFunction_New(&in_atexit_method, nullptr);
        CHECK(PyDict_SetItemString(names, "in_atexit", function) == 0);
        Py_DECREF(function);
        PyObject *const capsule = PyCapsule_New(&view, "view", &in_capsule_destructor);
        CHECK(PyDict_SetItemString(names, "capsule", capsule) == 0);
        Py_DECREF(capsule);
        run_python("import atexit\natexit.register(in_atexit)");
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(order == "atexit capsule Py_AtExit ");
}
