// finalize() in a function that Python called throws HF212, attached or detached, before it closes anything; later it works.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

holdfast::interpreter *python = nullptr;
std::string attached_code;
std::string detached_code;

PyObject *end_it_all(PyObject *, PyObject *) {
    const auto finalize = [] {
        python->finalize(std::chrono::milliseconds(0),
                         holdfast::interrupt_after{std::chrono::milliseconds(0)});
    };
    attached_code = thrown_code<holdfast::usage_error>(finalize);
    {
        const holdfast::detach_guard detached;
        detached_code = thrown_code<holdfast::usage_error>(finalize);
        CHECK(!holdfast::attached());
    }
    CHECK(holdfast::attached());
    Py_RETURN_NONE;
}

PyMethodDef end_it_all_method{"end_it_all", &end_it_all, METH_NOARGS, nullptr};

}  // namespace

int main() {
    holdfast::interpreter owned;
    python = &owned;
    // A thread is inside: the refusal comes first, and does not close or interrupt anything.
    event is_inside;
    event go;
    bool was_interrupted = true;
    std::thread inside([&] {
        const holdfast::attach_guard attached(owned.view());
        {
            const holdfast::detach_guard detached;
            is_inside.set();
            go.wait();
        }
        run_python("x = 1");
        was_interrupted = false;
    });
    is_inside.wait();
    const PyGILState_STATE before = PyGILState_Ensure();  // not by a guard, which would be HF211
    PyObject *const function = PyCFunction_New(&end_it_all_method, nullptr);
    CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "end", function) ==
          0);
    Py_DECREF(function);
    run_python("def outer():\n    return end()\nouter()");
    PyGILState_Release(before);
    CHECK(owned.view().alive());
    go.set();
    inside.join();
    CHECK(!was_interrupted);
    CHECK(attached_code == "HF212");
    CHECK(detached_code == "HF212");

    CHECK(owned.view().alive());
    {
        const holdfast::attach_guard attached(owned.view());
        run_python("outer()");
        CHECK(attached_code == "HF211");
    }
    CHECK(owned.finalize(std::chrono::seconds(5)));
}
