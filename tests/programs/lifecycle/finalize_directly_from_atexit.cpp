// finalize() by an atexit handler that is a C function, with no Python frame around it, is also refused.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>

#include "check.hpp"
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
        PyObject *const atexit = PyImport_ImportModule("atexit");
        PyObject *const done = PyObject_CallMethod(atexit, "register", "O", function);
        CHECK(done != nullptr);
        Py_DECREF(done);
        Py_DECREF(atexit);
        Py_DECREF(function);
    }
    CHECK(owned.finalize(std::chrono::seconds(5)));
    CHECK(code == "HF212");
}
