// Functions that a library gets to end an object with: it may do so on any thread.
#include <Python.h>

#include <cstdlib>

using drop_function = void (*)(void *);
struct node {  // a library's
    void set_owner(void *owner, drop_function drop);
    void set_writer(void *writer, drop_function drop);
    void each_owner(drop_function visit);
    void clear_all(drop_function drop);
    void releaseAll(drop_function drop);
    void on_destroy(void *owner, drop_function drop);
};
struct table {
    void fill_table(void *element, drop_function drop);
};
struct tensor {
    void *owner;
    void (*deleter)(tensor *self);
    void (*visitor)(tensor *self);
};
struct own_tensor {
    void *owner;
    void (*delete_fn)(own_tensor *self);
};
void watch(tensor *made);

// It only drops a reference.
PyObject *set_owner(PyObject *self, PyObject *owner) {
    static node one;
    Py_INCREF(owner);
    one.set_owner(owner, [](void *object) { Py_DECREF((PyObject *)object); });  // expect HF617
    return self;
}
PyObject *set_end(PyObject *self, PyObject *owner) {
    static node one;
    Py_INCREF(owner);
    one.on_destroy(owner, [](void *object) { Py_DECREF((PyObject *)object); });  // expect HF617
    return self;
}
PyObject *set_owner_that_attaches(PyObject *self, PyObject *owner) {
    static node one;
    Py_INCREF(owner);
    one.set_owner(owner, [](void *object) {
        const PyGILState_STATE state = PyGILState_Ensure();
        Py_DECREF((PyObject *)object);
        PyGILState_Release(state);
    });
    return self;
}
PyObject *set_writer(PyObject *self, PyObject *writer) {
    static node one;
    Py_INCREF(writer);
    one.set_writer(writer, [](void *object) { Py_DECREF((PyObject *)object); });  // expect HF617
    return self;
}
// It does more: who calls it is not known.
PyObject *visit(PyObject *self, PyObject *) {
    static node one;
    one.each_owner([](void *object) {
        PyObject_Str((PyObject *)object);  // expect HF602
    });
    return self;
}
// It is called before the call returns.
PyObject *forget(PyObject *self, PyObject *) {
    static node one;
    one.each_owner([](void *object) {
        Py_DECREF((PyObject *)object);  // expect HF602
    });
    one.clear_all([](void *object) {
        Py_DECREF((PyObject *)object);  // expect HF602
    });
    one.releaseAll([](void *object) {
        Py_DECREF((PyObject *)object);  // expect HF602
    });
    return self;
}
// A container ends its elements where its owner ends it.
PyObject *fill(PyObject *self, PyObject *element) {
    static table all;
    Py_INCREF(element);
    all.fill_table(element, [](void *object) {
        Py_DECREF((PyObject *)object);  // expect HF602
    });
    return self;
}
// The member says what it is for.
PyObject *make(PyObject *self, PyObject *owner) {
    tensor *const made = static_cast<tensor *>(std::calloc(1, sizeof(tensor)));
    Py_INCREF(owner);
    made->owner = owner;
    made->deleter = [](tensor *ended) {
        PyErr_Clear();  // expect HF617
        Py_DECREF((PyObject *)ended->owner);  // expect HF617
        std::free(ended);
    };
    watch(made);
    return self;
}
// These files call it themselves.
PyObject *make_own(PyObject *self, PyObject *owner) {
    own_tensor made{owner, nullptr};
    Py_INCREF(owner);
    made.delete_fn = [](own_tensor *ended) { Py_DECREF((PyObject *)ended->owner); };
    made.delete_fn(&made);
    return self;
}
PyMethodDef methods[] = {{"set_owner", set_owner, METH_O, nullptr},
                         {"set_owner_that_attaches", set_owner_that_attaches, METH_O, nullptr},
                         {"set_end", set_end, METH_O, nullptr},
                         {"set_writer", set_writer, METH_O, nullptr},
                         {"visit", visit, METH_NOARGS, nullptr},
                         {"forget", forget, METH_NOARGS, nullptr},
                         {"fill", fill, METH_O, nullptr},
                         {"make", make, METH_O, nullptr},
                         {"make_own", make_own, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};
