// finalize() of a sub-interpreter below its own Python code throws HF212, also detached or attached elsewhere; else it works.
// deadline: 60
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

std::optional<holdfast::subinterpreter> sub;
std::string attached_code;
std::string detached_code;
std::string code_in_main;
holdfast::interpreter_view view_of_main;
bool has_ended = false;
event *done = nullptr;

PyObject *end_it(PyObject *, PyObject *) {
    const auto finalize = [] { has_ended = bool(sub->finalize(std::chrono::seconds(5))); };
    attached_code = thrown_code<holdfast::usage_error>(finalize);
    {
        const holdfast::detach_guard detached;
        detached_code = thrown_code<holdfast::usage_error>(finalize);
        CHECK(!holdfast::attached());
        if (!has_ended) {
            const holdfast::attach_guard attached(view_of_main);
            code_in_main = thrown_code<holdfast::usage_error>(finalize);
        }
        if (event *const waited_for = std::exchange(done, nullptr))
            waited_for->set();
    }
    Py_RETURN_NONE;
}

PyMethodDef end_it_method{"end_it", &end_it, METH_NOARGS, nullptr};

/// Attached.
void add_function() {
    PyObject *const function = PyCFunction_New(&end_it_method, nullptr);
    CHECK(PyDict_SetItemString(PyModule_GetDict(PyImport_AddModule("__main__")), "end", function) ==
          0);
    Py_DECREF(function);
    run_python("def outer():\n    return end()");
}

void in_one(holdfast::interpreter &python, bool shared_gil) {
    event is_done;
    done = &is_done;
    holdfast::subinterpreter_config config;
    config.shared_gil = shared_gil;
    sub.emplace(python, config);
    const holdfast::interpreter_view view = *sub;
    {
        const holdfast::attach_guard attached(view);
        add_function();
        run_python("import threading\nthread = threading.Thread(target=outer)\nthread.start()");
    }
    is_done.wait();
    CHECK(detached_code == "HF212");
    CHECK(attached_code == "HF212");
    CHECK(code_in_main == "HF212");
    CHECK(view.alive() && !has_ended);
    {
        const holdfast::attach_guard attached(view);
        run_python("thread.join()");
    }
    {
        const holdfast::attach_guard attached(python);
        run_python("outer()");
    }
    CHECK(attached_code == "HF212");
    CHECK(detached_code.empty() && has_ended);
    CHECK(view.reason() == holdfast::closed_reason::finalized);
    has_ended = false;
    sub.reset();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    view_of_main = python;
    {
        const holdfast::attach_guard attached(python);
        add_function();
    }
    in_one(python, true);
    in_one(python, false);
    CHECK(python.finalize(std::chrono::seconds(20)));
}
