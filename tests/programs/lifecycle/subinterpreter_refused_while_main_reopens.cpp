// reopen() also opens a sub-interpreter that just then finds out that it must refuse finalize() to its caller.
// python: >=3.12, gil
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "threads_there.hpp"
#include "thrown.hpp"

using namespace std::chrono_literals;

namespace {

struct round_events {
    event hold;
    event holds;
    event end;
    event told;
    event reopened;
    event leave;
};

std::optional<holdfast::subinterpreter> sub;
std::optional<round_events> now;
std::string code;

/// Below Python code of the sub-interpreter, and detached.
PyObject *end_it(PyObject *, PyObject *) {
    const holdfast::detach_guard detached;
    now->end.wait();
    code = thrown_code<holdfast::usage_error>([] { (void)sub->finalize(10ms); });
    now->told.set();
    now->leave.wait();
    Py_RETURN_NONE;
}

/// Keeps the helper out which looks for the thread above, until reopen() has returned.
PyObject *hold_it(PyObject *, PyObject *) {
    {
        const holdfast::detach_guard detached;
        now->hold.wait();
    }
    now->holds.set();
    now->reopened.wait();
    const holdfast::detach_guard detached;
    now->leave.wait();
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"end", &end_it, METH_NOARGS, nullptr},
                         {"hold", &hold_it, METH_NOARGS, nullptr}};

/// Whether the caller was refused. Not if the helper was kept out for too long.
bool is_refused(holdfast::interpreter &python) {
    now.emplace();
    {
        const holdfast::attach_guard attached(sub->view());
        run_python(
            "threads = [threading.Thread(target=lambda one=one: one()) for one in (end, hold)]\n"
            "for one in threads: one.start()");
    }
    CHECK(!python.finalize(10ms));
    CHECK(sub->view().reason() == holdfast::closed_reason::finalizing);
    now->hold.set();
    now->holds.wait();
    const std::size_t before = threads_there();
    now->end.set();
    while (threads_there() == before && !now->told.wait_for(0ms))
        std::this_thread::yield();
    python.reopen();
    now->reopened.set();
    now->told.wait();
    const bool refused = code == "HF212";
    if (!refused)
        sub->reopen();
    CHECK(python.view().alive());
    CHECK(sub->view().alive());
    now->leave.set();
    const holdfast::attach_guard attached(sub->view());
    run_python("for one in threads: one.join()");
    return refused;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    sub.emplace(python);
    {
        const holdfast::attach_guard attached(sub->view());
        run_python("import threading");
        for (PyMethodDef &method : methods) {
            PyObject *const function = PyCFunction_New(&method, nullptr);
            CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")),
                                       method.ml_name, function) == 0);
            Py_DECREF(function);
        }
    }
    int rounds = 0;
    while (!is_refused(python))
        CHECK(++rounds < 100);
    sub.reset();
    CHECK(python.finalize(20s));
}
