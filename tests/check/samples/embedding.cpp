// Hosts of pybind11: objects and functions that run Python.
#include <pybind11/embed.h>

#include <memory>
#include <thread>

namespace py = pybind11;

static int evaluated() { return py::eval("1").cast<int>(); }

void with_functions() {
    py::initialize_interpreter();
    py::exec("x = 1");
    py::finalize_interpreter();
    py::exec("x = 1");  // expect HF606
}

void with_a_pointer() {
    auto python = std::make_unique<py::scoped_interpreter>();
    py::exec("x = 1");
}

int main() {
    {
        const py::scoped_interpreter python;
        py::exec("x = 1");
        PyErr_Clear();
        {
            const py::gil_scoped_release released;
            std::thread([] {
                const py::gil_scoped_acquire attached;
                PyErr_Clear();
            }).join();
            PyErr_Clear();  // expect HF601
        }
        evaluated();
    }
    PyErr_Clear();  // expect HF606
    with_functions();
    with_a_pointer();
}
