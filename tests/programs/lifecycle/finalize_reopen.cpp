// After a limit passed, reopen() admits threads again; at any other time it throws HF217, and on another thread HF210.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const auto reopen = [&] { python.reopen(); };
    CHECK(thrown_code<holdfast::usage_error>(reopen) == "HF217");
    for (int round = 0; round < 3; ++round) {
        event inside;
        event go;
        std::thread worker([&] {
            const holdfast::attach_guard attached(python.view());
            const holdfast::detach_guard detached;
            inside.set();
            go.wait();
        });
        inside.wait();
        CHECK(!python.finalize(std::chrono::milliseconds(0)));
        CHECK(!holdfast::attach_guard(python.view(), std::nothrow));
        python.reopen();
        CHECK(python.view().alive());
        {
            const holdfast::attach_guard attached(python.view());
            run_python("again = True");
        }
        std::thread([&] {
            const holdfast::attach_guard newcomer(python.view());
            run_python("newcomer = True");
        }).join();
        go.set();
        worker.join();
    }
    std::thread([&] { CHECK(thrown_code<holdfast::usage_error>(reopen) == "HF210"); }).join();

    static holdfast::interpreter *ending = &python;
    static bool was_refused = false;
    static PyMethodDef at_exit = {
        "reopens",
        [](PyObject *, PyObject *) -> PyObject * {
            was_refused = thrown_code<holdfast::usage_error>([] { ending->reopen(); }) == "HF217";
            Py_RETURN_NONE;
        },
        METH_NOARGS, nullptr};
    {
        const holdfast::attach_guard attached(python.view());
        PyObject *const atexit = PyImport_ImportModule("atexit");
        PyObject *const callback = PyCFunction_New(&at_exit, nullptr);
        Py_XDECREF(PyObject_CallMethod(atexit, "register", "O", callback));
        Py_DECREF(callback);
        Py_DECREF(atexit);
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(was_refused);
    CHECK(thrown_code<holdfast::usage_error>(reopen) == "HF217");
}
