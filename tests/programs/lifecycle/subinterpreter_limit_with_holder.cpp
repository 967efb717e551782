// finalize() keeps its limit if a thread that stays attached keeps it out of a sub-interpreter or of the main one.
// python: gil
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a holder and the thread that ends the interpreter tell each other.
struct meeting {
    event may_hold;
    event attached;
    event let_go;
};

meeting *current = nullptr;

/// Stays attached until it is let go.
PyObject *hold(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
        current->may_hold.wait();
    }
    current->attached.set();
    current->let_go.wait();
    Py_RETURN_NONE;
}

PyMethodDef hold_method{"hold", &hold, METH_NOARGS, nullptr};

/// A Python thread, which no gate knows, holds the caller's interpreter once it may.
void hold_on_python_thread() {
    PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *const function = PyCFunction_New(&hold_method, nullptr);
    CHECK(PyDict_SetItemString(names, "hold", function) == 0);
    Py_DECREF(function);
    holdfast::exec("import threading\nthreading.Thread(target=hold).start()");
}

void names_it(const holdfast::finalize_report &report) {
    CHECK(!report);
    CHECK(report.still_inside.size() == 1);
    CHECK(contains(report.still_inside.front().where, "does not let go"));
}

void in_subinterpreter(bool shared_gil, bool by_main) {
    meeting here;
    current = &here;
    holdfast::interpreter python;
    holdfast::subinterpreter_config config;
    config.shared_gil = shared_gil;
    holdfast::subinterpreter inner(python, config);
    {
        const holdfast::attach_guard attached(inner);
        hold_on_python_thread();
    }
    here.may_hold.set();
    here.attached.wait();
    for (int times = 0; times < 2; ++times)
        names_it(by_main ? python.finalize(milliseconds(100)) : inner.finalize(milliseconds(100)));
    here.let_go.set();
    CHECK(by_main || inner.finalize(seconds(30)));
    CHECK(python.finalize(seconds(30)));
}

/// The main interpreter is open, and its GIL another one.
void in_main() {
    meeting here;
    current = &here;
    holdfast::interpreter python;
    holdfast::subinterpreter inner(python);
    std::thread holder([&] {
        const holdfast::attach_guard attached(python);
        Py_DECREF(hold(nullptr, nullptr));
    });
    here.may_hold.set();
    here.attached.wait();
    for (int times = 0; times < 2; ++times)
        names_it(inner.finalize(milliseconds(100)));
    here.let_go.set();
    holder.join();
    CHECK(inner.finalize(seconds(30)));
    CHECK(python.finalize(seconds(30)));
}

}  // namespace

int main() {
    for (const bool by_main : {false, true}) {
        in_subinterpreter(false, by_main);
        in_subinterpreter(true, by_main);
    }
    in_main();
}
