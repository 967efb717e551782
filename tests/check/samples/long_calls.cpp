// Calls that may take long, as their parameters, their class or what came before them say.
#include <Python.h>

#include <future>
#include <string>
#include <vector>

namespace Tango {  // a library
struct DeviceProxy {
    explicit DeviceProxy(const char *name);
    DeviceProxy(const DeviceProxy &other);
};
struct ApiUtil {
    void get_asynch_replies();
    void get_asynch_replies(long limit);
};
}  // namespace Tango
namespace qi {  // another one
enum FutureTimeout { FutureTimeout_None = 0 };
template <typename T>
struct Future {
    const T &value(int milliseconds = 0x7fffffff) const;
    int wait(int milliseconds = 0x7fffffff) const;
};
}  // namespace qi
struct Canceller {
    static void check(const Canceller *canceller);
};
struct path {  // another one
    void children(std::vector<std::string> &found, const Canceller *canceller) const;
    void setChildren(const std::vector<std::string> &all, const Canceller *canceller);
    void hashAll(std::vector<std::string> &found, const Canceller *canceller) const;
    bool hasChildren(const Canceller *canceller) const;
    void submitSearch(const std::string &name, const Canceller *canceller);
    void names(std::vector<std::string> &found) const;
};

// The constructor connects.
PyObject *connects(PyObject *self, PyObject *) {
    Tango::DeviceProxy proxy("a/b/c");  // expect HF613
    const Tango::DeviceProxy copy(proxy);
    return self;
}
PyObject *connects_detached(PyObject *self, PyObject *) {
    PyThreadState *const saved = PyEval_SaveThread();
    delete new Tango::DeviceProxy("a/b/c");
    PyEval_RestoreThread(saved);
    return self;
}
PyObject *takes_replies(PyObject *self, PyObject *) {
    static Tango::ApiUtil util;
    util.get_asynch_replies();
    util.get_asynch_replies(9);  // expect HF613
    return self;
}
// What may be cancelled.
PyObject *lists(PyObject *self, PyObject *) {
    static path root;
    std::vector<std::string> found;
    root.children(found, nullptr);  // expect HF613
    root.setChildren(found, nullptr);
    root.hashAll(found, nullptr);  // expect HF613
    root.hasChildren(nullptr);
    root.submitSearch("a", nullptr);  // it starts only
    Canceller::check(nullptr);
    root.names(found);
    return self;
}
// The result is there after a wait.
PyObject *asks(PyObject *self, PyObject *) {
    std::future<int> one = std::async([] { return 1; });
    std::future<int> other = std::async([] { return 2; });
    PyThreadState *const saved = PyEval_SaveThread();
    one.wait();
    PyEval_RestoreThread(saved);
    return PyLong_FromLong(one.get() +
                           other.get());  // expect HF613
}
PyObject *asks_qi(PyObject *, PyObject *) {
    qi::Future<int> one;
    return PyLong_FromLong(one.value(0) +
                           one.value());  // expect HF613
}
PyObject *waits_qi(PyObject *self, PyObject *) {
    static qi::Future<int> one;
    one.wait(0);
    one.wait(qi::FutureTimeout_None);
    one.wait(9);  // expect HF613
    one.wait();   // expect HF613
    return self;
}
PyMethodDef methods[] = {{"connects", connects, METH_NOARGS, nullptr},
                         {"connects_detached", connects_detached, METH_NOARGS, nullptr},
                         {"takes_replies", takes_replies, METH_NOARGS, nullptr},
                         {"lists", lists, METH_NOARGS, nullptr},
                         {"asks", asks, METH_NOARGS, nullptr},
                         {"asks_qi", asks_qi, METH_NOARGS, nullptr},
                         {"waits_qi", waits_qi, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};
