/* Functions given to libraries, and what shows that they are called detached. */
#include <Python.h>

typedef void (*on_drop)(void *);
/* Libraries: none of them is among the checked files. */
extern int store_put(void *store, void *value, on_drop drop);
extern void bus_on_message(void *bus, void (*call)(void *));
extern void bus_on_close(void *bus, void (*call)(void *));
extern int tree_walk(void *tree, void (*visit)(void *));
extern void Pa_OpenStream(void (*call)(void *));
struct hooks {
    void (*opened)(void *);
    void (*closed)(void *);
};
extern void *the_store;

/* Given away by a detached thread. */
static void drop_value(void *value) { Py_DECREF((PyObject *)value); }  // expect HF617
static PyObject *put(PyObject *self, PyObject *value) {
    int rc;
    (void)self;
    Py_INCREF(value);
    Py_BEGIN_ALLOW_THREADS
    rc = store_put(the_store, value, drop_value);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(rc);
}

/* Its neighbour attaches. */
static void on_message(void *closure) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));
    PyGILState_Release(state);
}
static void on_close(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF617
}
static void set_callbacks(void) {
    bus_on_message(the_store, on_message);
    bus_on_close(the_store, on_close);
}

/* A library that has threads of its own. */
static void on_sound(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF617
}

/* Nothing shows where it is called: by the caller, as far as one sees. */
static void visit(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF602
}
static PyObject *walk(PyObject *self, PyObject *value) {
    (void)self;
    set_callbacks();
    Pa_OpenStream(on_sound);
    tree_walk(the_store, visit);
    return value;
}

/* A table of the library's: one attaches, its neighbour does not. */
static void when_opened(void *closure) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));
    PyGILState_Release(state);
}
static void when_closed(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF617
}
struct hooks all_hooks = {when_opened, when_closed};

/* Attaches by itself, and so is entered detached: but only after its first call. */
static void on_error(void *closure) {
    PyObject *const callback = (PyObject *)closure;
    Py_INCREF(callback);  // expect HF617
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs(callback));
    PyGILState_Release(state);
}
/* Its caller is here, and attached. */
static void nested(void *closure) {
    Py_INCREF((PyObject *)closure);
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));
    PyGILState_Release(state);
}
static PyObject *walk_again(PyObject *self, PyObject *value) {
    (void)self;
    tree_walk(the_store, on_error);
    nested(value);
    return value;
}

/* Tables and functions of Python's are evidence. */
static void destroy(PyObject *capsule) { PyErr_Clear(); (void)capsule; }
static void forget(void *memory) { PyMem_Free(memory); }
static PyObject *make(PyObject *self, PyObject *value) {
    (void)self;
    (void)value;
    return PyCapsule_New(PyMem_Malloc(8), NULL, destroy);
}
static PyMethodDef methods[] = {{"put", put, METH_O, NULL},
                                {"walk", walk, METH_O, NULL},
                                {"make", make, METH_O, NULL},
                                {"walk_again", walk_again, METH_O, NULL},
                                {NULL, NULL, 0, NULL}};
struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "m", NULL, -1, methods, NULL, NULL, NULL, forget};

/* A library that calls back while it waits; the callback is given to it by a macro. */
struct watcher {
    void (*call)(struct watcher *, int);
};
extern int ev_run(void *loop, int flags);
#define ev_watch_init(w, function) ((w)->call = (function))
static void on_ready(struct watcher *watcher, int events) {
    (void)watcher;
    (void)events;
    PyErr_Clear();  // expect HF617
}
static PyObject *run_loop(PyObject *self, PyObject *none) {
    static struct watcher watcher;
    (void)self;
    ev_watch_init(&watcher, on_ready);
    Py_BEGIN_ALLOW_THREADS
    ev_run(the_store, 0);
    Py_END_ALLOW_THREADS
    return none;
}
PyMethodDef loop_methods[] = {{"run", run_loop, METH_O, NULL}, {NULL, NULL, 0, NULL}};

/* A library's function that starts a thread, as its name says, and others of such names. */
extern int task_thread_create(const char *name, void (*run)(void *), void *closure);
extern int run_on_main_thread(void (*run)(void *), void *closure);
extern int start_python_thread(void (*run)(void *), void *closure);
static void in_thread(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF617
}
static void in_main_thread(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF602
}
static void in_python_thread(void *closure) {
    Py_XDECREF(PyObject_CallNoArgs((PyObject *)closure));  // expect HF602
}
void start_threads(void *closure) { task_thread_create("worker", in_thread, closure); }
void ask_threads(void *closure) {
    run_on_main_thread(in_main_thread, closure);
    start_python_thread(in_python_thread, closure);
}
