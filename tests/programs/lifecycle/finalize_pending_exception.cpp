// An exception left pending on the main thread goes to sys.unraisablehook, and finalize() continues.
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <chrono>

#include "check.hpp"
#include "run_python.hpp"

namespace {

std::atomic<int> reported{0};

PyObject *report(PyObject *, PyObject *) {
    reported.fetch_add(1);
    Py_RETURN_NONE;
}

PyMethodDef report_method{"report", &report, METH_VARARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter python;
    PyGILState_Ensure();
    PyObject *const function = PyCFunction_New(&report_method, nullptr);
    CHECK(PySys_SetObject("unraisablehook", function) == 0);
    Py_DECREF(function);
    PyErr_SetString(PyExc_ValueError, "nobody took it");
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(reported.load() == 1);
}
