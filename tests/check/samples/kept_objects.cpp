// Python objects in what a library keeps: it ends them on a thread of its own.
#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <string>

namespace py = pybind11;
using pybind11::object;

struct session {  // a library's
    void set_notify(const std::function<void()> &notify);
    void set_filter(const std::function<void()> &filter);
    void visit(const std::function<void()> &visitor);
    void fetch(int timeout_ms);
    void fetch(const std::string &what);
};

struct keeper {
    object callback;
};
int fetch_events(int timeout_ms);
struct canceller {};
int fetch_all(const canceller *canceller);

static void notify(const object &callback) {
    py::gil_scoped_acquire attached;
    callback();
}
static void count(int) { py::gil_scoped_acquire attached; }

void bind(py::module_ &module) {
    py::class_<session> of(module, "session");
    of.def("set_bound", [](session &self, object callback) {
        self.set_notify(std::bind(&notify, callback));  // expect HF617
    });
    of.def("set_lambda", [](session &self, py::function callback) {
        self.set_notify([callback] {  // expect HF617
            py::gil_scoped_acquire attached;
            callback();
        });
    });
    // Called before the call returns, or only referred to.
    of.def("visit", [](session &self, object callback) {
        self.visit([callback] {
            py::gil_scoped_acquire attached;
            callback();
        });
    });
    of.def("set_reference", [](session &self, object callback) {
        self.set_notify([&callback] {
            py::gil_scoped_acquire attached;
            callback();
        });
    });
    of.def("set_second", [](session &self, const object &callback) {
        self.set_notify([&self, callback] {  // expect HF617
            py::gil_scoped_acquire attached;
            self.visit(nullptr);
            callback();
        });
    });
    of.def("set_second_reference", [](session &self, int number, object callback) {
        self.set_notify([number, &callback] {
            py::gil_scoped_acquire attached;
            callback(number);
        });
    });
    of.def("set_moved", [](session &self, object callback) {
        self.set_notify([callback = std::move(callback)]() mutable {
            py::gil_scoped_acquire attached;
            const object last = std::move(callback);  // nothing is left in the lambda
            last();
        });
    });
    of.def("set_filter", [](session &self, object callback) {
        self.set_filter([callback] {  // expect HF617
            py::gil_scoped_acquire attached;
            callback();
        });
    });
    of.def("set_second_of_two", [](session &self) {
        object first = py::none(), second = first;
        self.set_notify([second] {  // expect HF617
            py::gil_scoped_acquire attached;
            second();
        });
    });
    of.def("set_all", [](session &self, object callback, int callbacks) {
        self.set_notify([=, &callbacks] {  // expect HF617
            py::gil_scoped_acquire attached;
            callback(callbacks);
        });
    });
    of.def("set_kept", [](session &self, object callback) {
        self.set_notify([callback] {  // expect HF617
            py::gil_scoped_acquire attached;
            keeper here;
            here.callback = callback;
        });
    });
    // What it gets has another lambda in its body.
    of.def("set_visitor", [](session &self) {
        self.set_notify([&self] {
            py::gil_scoped_acquire attached;
            const object callback = py::none();
            self.visit([callback] {
                py::gil_scoped_acquire again;
                callback();
            });
        });
    });
    // Its deleter attaches.
    of.def("set_shared", [](session &self, object callback) {
        const std::shared_ptr<object> kept(new object(std::move(callback)), [](object *ended) {
            py::gil_scoped_acquire attached;
            delete ended;
        });
        self.set_notify([kept] {
            py::gil_scoped_acquire attached;
            (*kept)();
        });
    });
    of.def("set_number", [](session &self, int number) { self.set_notify(std::bind(&count, number)); });
    of.def("set_made", [](session &self, object number) {
        self.set_notify(std::bind(&count, number.cast<int>()));
    });
    // A variable chooses one of the overloaded functions.
    void (session::*waits)(int) = &session::fetch;
    void (session::*other)(const std::string &) = &session::fetch;
    of.def("fetch", waits);  // expect HF613
    of.def("fetch", other);
    of.def("fetch_detached", waits, py::call_guard<py::gil_scoped_release>());
    module.def("fetch_events", &fetch_events);  // expect HF613
    module.def("fetch_all", &fetch_all);        // expect HF613
    // A lambda that detaches is no address.
    const auto detaches = [](int timeout_ms) {
        const py::gil_scoped_release detached;
        return fetch_events(timeout_ms);
    };
    module.def("fetch_events_detached", detaches);
}
