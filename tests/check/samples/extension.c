/* An ordinary extension module, with nothing wrong. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD
    char *text;
    PyThread_type_lock lock;
} Buffer;

static int grow(Buffer *self, size_t size) {
    char *bigger = PyMem_Realloc(self->text, size);
    if (bigger == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->text = bigger;
    return 0;
}

static void report(const char *what) { PyErr_Format(PyExc_OSError, "cannot %s", what); }

static void forget(void *memory) { PyMem_Free(memory); }

static void Buffer_dealloc(Buffer *self) {
    forget(self->text);
    if (self->lock)
        PyThread_free_lock(self->lock);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *Buffer_read(Buffer *self, PyObject *args) {
    int fd, count = 0;
    if (!PyArg_ParseTuple(args, "i", &fd))
        return NULL;
    if (grow(self, 100) < 0)
        return NULL;
    if (!PyThread_acquire_lock(self->lock, 0)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, 1);
        Py_END_ALLOW_THREADS
    }
    do {
        Py_BEGIN_ALLOW_THREADS
        count = (int)read(fd, self->text, 99);
        Py_END_ALLOW_THREADS
        if (count < 0 && PyErr_CheckSignals())
            goto fail;
    } while (count < 0);
    PyThread_release_lock(self->lock);
    return PyLong_FromLong(count);
fail:
    PyThread_release_lock(self->lock);
    report("read");
    return NULL;
}

static void on_event(void *closure) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *result = PyObject_CallNoArgs((PyObject *)closure);
    if (result == NULL)
        PyErr_WriteUnraisable((PyObject *)closure);
    else
        Py_DECREF(result);
    PyGILState_Release(state);
}

static PyObject *call_now(PyObject *module, PyObject *callback) {
    (void)module;
    Py_BEGIN_ALLOW_THREADS
    on_event(callback);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

static void destroy(PyObject *capsule) { forget(PyCapsule_GetPointer(capsule, NULL)); }

static PyObject *make(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyCapsule_New(PyMem_Malloc(8), NULL, destroy);
}

static PyMethodDef buffer_methods[] = {
    {"read", (PyCFunction)Buffer_read, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyType_Slot slots[] = {
    {Py_tp_dealloc, Buffer_dealloc}, {Py_tp_methods, buffer_methods}, {0, NULL}};
static PyType_Spec spec = {"sample.Buffer", sizeof(Buffer), 0, Py_TPFLAGS_DEFAULT, slots};
/* A socket that says EAGAIN does not block. */
static PyObject *empty(PyObject *self, PyObject *number) {
    char text[64];
    long got = 0;
    const int fd = (int)PyLong_AsLong(number);
    (void)self;
    do {
        got = recv(fd, text, sizeof text, 0);
    } while (got > 0 || errno == EINTR);
    return PyBool_FromLong(errno == EAGAIN);
}

// Python calls it attached, and its own pair is nested: the thread is attached after it, too.
static PyObject *attach_again(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Clear();
    PyGILState_Release(state);
    sleep(1);  // expect HF613
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {{"call_now", call_now, METH_O, NULL},
                                  {"attach_again", attach_again, METH_NOARGS, NULL},
                                  {"empty", empty, METH_O, NULL},
                                  {"make", make, METH_NOARGS, NULL},
                                  {NULL, NULL, 0, NULL}};

static void module_free(void *module) {
    (void)module;
    PyErr_Clear();
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "sample", NULL, -1, functions, NULL, NULL, NULL, module_free};

#define MODULE_START PyInit_sample
PyMODINIT_FUNC MODULE_START(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    PyObject *type = PyType_FromSpec(&spec);
    if (type == NULL || PyModule_AddObject(module, "Buffer", type) < 0) {
        Py_XDECREF(type);
        Py_DECREF(module);
        return NULL;
    }
    return module;
}
