// If a sub-interpreter's destructor is refused, the main interpreter's end ends it, as the message said.
// deadline: 40
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

std::optional<holdfast::subinterpreter> sub;

PyObject *end_it(PyObject *, PyObject *) {
    CHECK(thrown_code<holdfast::usage_error>([] { sub->finalize(std::chrono::seconds(5)); }) ==
          "HF212");
    sub.reset();
    Py_RETURN_NONE;
}

PyMethodDef end_it_method{"end_it", &end_it, METH_NOARGS, nullptr};

/// Called by Python.
void from_python() {
    holdfast::interpreter python;
    sub.emplace(python);
    const holdfast::interpreter_view view = *sub;
    {
        const holdfast::attach_guard attached(python);
        PyObject *const function = PyCFunction_New(&end_it_method, nullptr);
        CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "end",
                                   function) == 0);
        Py_DECREF(function);
        run_python("def outer():\n    return end()\nouter()");
    }
    CHECK(view.alive());
    CHECK(python.finalize(std::chrono::seconds(20)));
    CHECK(view.reason() == holdfast::closed_reason::finalized);
}

/// By a thread that is inside.
void from_inside() {
    holdfast::interpreter python;
    sub.emplace(python);
    const holdfast::interpreter_view view = *sub;
    {
        const holdfast::attach_guard attached(view);
        CHECK(thrown_code<holdfast::usage_error>([] { sub->finalize(std::chrono::seconds(5)); }) ==
              "HF211");
        sub.reset();
        run_python("import json");
    }
    CHECK(view.alive());
    // ~interpreter ends it.
}

/// While the main interpreter is closed.
void while_closed() {
    holdfast::interpreter python;
    event go;
    event inside;
    std::thread worker;
    holdfast::interpreter_view view;
    {
        holdfast::subinterpreter local(python);
        view = local;
        worker = std::thread([&] {
            const holdfast::attach_guard attached(python);
            const holdfast::detach_guard detached;
            inside.set();
            go.wait();
        });
        inside.wait();
        CHECK(!python.finalize(std::chrono::milliseconds(10)));
    }
    CHECK(view.reason() == holdfast::closed_reason::finalizing);
    go.set();
    worker.join();
    CHECK(python.finalize(std::chrono::seconds(20)));
    CHECK(view.reason() == holdfast::closed_reason::finalized);
}

}  // namespace

int main() {
    from_python();
    from_inside();
    while_closed();
    from_inside();
}
