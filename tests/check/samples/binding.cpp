// pybind11: guards, objects, functions that it calls detached.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>
#include <cstdio>
#include <string>
#include <thread>

namespace py = pybind11;

py::object remembered;  // expect HF615

static std::string greet(const std::string &name) { return py::str("hello {}").format(name).cast<std::string>(); }
static int count(int number) { return number + 1; }
static void set_error() { PyErr_SetString(PyExc_ValueError, "no"); }

// What the library calls for Python is attached: the methods, and the end of the objects.
class Worker {
public:
    ~Worker() { wait(); }  // expect HF613
    void wait() {
        if (thread_.joinable())
            thread_.join();  // expect HF613
    }
    void watch() {
        if (thread_.joinable())
            thread_.join();
    }

private:
    std::thread thread_;
};

// Its parameters end before the guard does.
template <typename Function> static void define(py::module_ &module, const char *name, Function &&function) {
    module.def(name, std::forward<Function>(function), py::call_guard<py::gil_scoped_release>());
}
static void define_all(py::module_ &module) {
    module.def("words", [](int, py::kwargs words) {}, py::call_guard<py::gil_scoped_release>());  // expect HF601
    module.def("perhaps", [](std::optional<py::array_t<int>> numbers) {},                         // expect HF601
               py::call_guard<py::gil_scoped_release>());
    define(module, "by_other", [](py::object given) {});  // expect HF601
    define(module, "calls", [](int number) { PyErr_Clear(); });  // expect HF601
    module.def("referred", [](const py::object &given) {}, py::call_guard<py::gil_scoped_release>());
    module.def("attached", [](py::object given) {});
    define(module, "by_reference", [](const py::kwargs &words) {});
    define(module, "number", [](int number) {});
}

PYBIND11_MODULE(sample, module) {
    define_all(module);
    py::class_<Worker>(module, "Worker")
        .def(py::init<>())
        .def("wait", &Worker::wait)
        .def("watch", &Worker::watch, py::call_guard<py::gil_scoped_release>())
        .def("join", [](std::thread &other) { other.join(); });  // expect HF613
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

// Reading the memory of an array needs no attached thread; a new object does.
static double total_of(const py::array_t<double> &values) {
    py::gil_scoped_release detached;
    double total = 0;
    for (py::ssize_t number = 0; number < values.shape(0); ++number)
        total += *values.data(number);
    py::float_ kept(total);  // expect HF601
    return total;
}
void add_totals(py::module_ &module) { module.def("total_of", total_of); }

// What waits, and is bound by its address.
struct camera {
    void wait();
    int frames(int timeout_ms);
    int get_frames(int timeout_ms);
    int width();
};
void add_camera(py::module_ &module) {
    py::class_<camera>(module, "camera")
        .def("wait", &camera::wait)  // expect HF613
        .def("get_frames", &camera::get_frames)  // expect HF613
        .def("width", &camera::width)
        .def("guarded", &camera::wait, py::call_guard<py::gil_scoped_release>())
        .def("frames", [](camera &one) { py::gil_scoped_release detached; one.wait(); });
    py::class_<std::thread>(module, "thread").def("join", &std::thread::join);  // expect HF613
}

// A method that Python may override: the guard of the macro ends after its objects, and what() attaches by itself.
class listener {
public:
    virtual ~listener() = default;
    virtual void on_event() {}
    virtual void on_end() {}
};

class python_listener : public listener {
public:
    void on_event() override {
        try {
            PYBIND11_OVERRIDE(void, listener, on_event);
        } catch (const py::error_already_set &error) {
            std::fputs(error.what(), stderr);
        }
    }
    void on_end() override {
        {
            py::gil_scoped_acquire attached;
            py::str("end");
        }
        py::print("ended");  // expect HF601
    }
};
