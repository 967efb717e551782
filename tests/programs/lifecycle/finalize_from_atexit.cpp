// finalize() called again by an atexit handler is refused, and the outer one completes.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

holdfast::interpreter *python = nullptr;
std::string code = "handler did not run";

PyObject *finalize_again(PyObject *, PyObject *) {
    code = thrown_code<holdfast::usage_error>([] { python->finalize(std::chrono::seconds(5)); });
    Py_RETURN_NONE;
}

PyMethodDef finalize_again_method{"finalize_again", &finalize_again, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter owned;
    python = &owned;
    {
        const holdfast::attach_guard attached(owned.view());
        PyObject *const function = PyCFunction_New(&finalize_again_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "again",
                                   function) == 0);
        Py_DECREF(function);
        run_python("import atexit\natexit.register(lambda: again())");
    }
    CHECK(owned.finalize(std::chrono::seconds(5)));
    CHECK(code == "HF212");
}
