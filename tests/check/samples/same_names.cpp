// Functions that are told apart by their class, their parameters, or the file that declares them.
#include <Python.h>

#include "same_names.h"

#include <thread>

// Defined in the file that includes the declaration: it is not another project's wait.
static PyObject *poll_impl(PyObject *, PyObject *timeout) {
    Py_INCREF(timeout);
    return timeout;
}

namespace store {
class file {
public:
    void open(const char *path);
    void close();
    int size() const;
};
void rename(const char *from, const char *to);
}  // namespace store

namespace python {
class file {
public:
    static PyObject *open(PyObject *self, PyObject *arguments);
    PyObject *close(PyObject *self);

private:
    store::file *held = nullptr;
};
void rename(PyObject *names);
}  // namespace python

PyObject *python::file::open(PyObject *self, PyObject *) {
    auto *mine = reinterpret_cast<store::file *>(self);
    Py_BEGIN_ALLOW_THREADS
    mine->open("name");  // not the method around it
    store::rename("name", "other");
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

void python::rename(PyObject *names) { PyErr_SetObject(PyExc_OSError, names); }

PyObject *python::file::close(PyObject *self) {
    Py_BEGIN_ALLOW_THREADS
    held->close();
    open(self, nullptr);    // expect HF601
    python::rename(self);   // expect HF601
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

// Of two functions of one name, one needs an attached thread.
class value {
public:
    static int converted(PyObject *object);
    static int converted(const char *text);
};

int value::converted(PyObject *object) { return PyObject_IsTrue(object); }
int value::converted(const char *text) { return text != nullptr; }

PyObject *overloaded(PyObject *self, PyObject *) {
    int number = 0;
    Py_BEGIN_ALLOW_THREADS
    number = value::converted("text");
    number += value::converted(self);  // expect HF601
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(number);
}

// Of two virtual methods of one name, one waits.
struct searched {
    virtual ~searched() = default;
    virtual int find(int one) = 0;
    virtual int find(const char *all, int threads) = 0;
};
struct searched_by_threads : searched {
    int find(int one) override { return one; }
    int find(const char *all, int threads) override {
        std::thread other([] {});
        other.join();
        return all != nullptr ? threads : 0;
    }
};
searched &the_index();

PyObject *found(PyObject *, PyObject *) {
    const int one = the_index().find(1);
    return PyLong_FromLong(one + the_index().find("all", 2));  // expect HF613
}

PyMethodDef of_same_names[] = {
    {"found", found, METH_NOARGS, ""},
    {"poll", poll, METH_O, ""},
    {"open", python::file::open, METH_NOARGS, ""},
    {"overloaded", overloaded, METH_NOARGS, ""},
    {nullptr, nullptr, 0, nullptr},
};
