// sys.exit(5) in a worker's Python code is an ordinary exception, caught or not: the host continues.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::thread([&] {
        const holdfast::attach_guard attached(python.view());
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        CHECK(PyRun_String("import sys; sys.exit(5)", Py_file_input, names, names) == nullptr);
        CHECK(PyErr_ExceptionMatches(PyExc_SystemExit));
        const holdfast::detail::saved_error aside;  // as a call of holdfast takes it
        CHECK(PyErr_Occurred() == nullptr);
        run_python("alive = True");
    }).join();
    // The one that is not caught is reported, and still does not end the process.
    const holdfast::attach_guard attached(python.view());
    CHECK(text_of_python("alive") == "True");
}
