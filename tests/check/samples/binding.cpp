// pybind11: guards, objects, functions that it calls detached.
#include <pybind11/pybind11.h>

#include <string>
#include <thread>

namespace py = pybind11;

py::object remembered;  // expect HF615

static std::string greet(const std::string &name) { return py::str("hello {}").format(name).cast<std::string>(); }
static int count(int number) { return number + 1; }
static void set_error() { PyErr_SetString(PyExc_ValueError, "no"); }

PYBIND11_MODULE(sample, module) {
    module.def("greet", &greet);
    module.def("count", &count, py::call_guard<py::gil_scoped_release>());
    module.def("detached", [](int) {
        py::gil_scoped_release detached;
        return py::str("text");  // expect HF601
    });
    module.def("by_guard", [] { set_error(); }, py::call_guard<py::gil_scoped_release>());  // expect HF601
    module.def("in_turn", [](py::object callback) {
        py::gil_scoped_release detached;
        std::thread worker([&] {
            py::gil_scoped_acquire attached;
            callback();
        });
        std::thread wrong([&] { callback(); });  // expect HF607
        worker.join();
        wrong.join();
    });
}
