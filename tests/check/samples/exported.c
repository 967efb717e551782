/* Who calls the functions of a table, and calls that need no attached thread. */
#include <Python.h>

#include <fcntl.h>
#include <string.h>

extern int io_uring_enter(int ring, unsigned submitted, unsigned least, unsigned flags, void *set);
extern int resolver_get_timeout(void *resolver, int *timeout);
extern int resolver_get(void *resolver, int *value, int timeout);
extern Py_ssize_t _Py_write_noraise(int file, const void *text, size_t length);

/* A table for other extension modules: they call Python, so they call these, too. */
static void instance_destroyed(void *object) {
    PyGILState_STATE state = PyGILState_Ensure();
    Py_XDECREF((PyObject *)object);
    PyGILState_Release(state);
}

static void *allocated(size_t size) {
    void *memory = PyMem_Malloc(size);
    if (memory == NULL)
        PyErr_NoMemory();
    return memory;
}

static void note_use(void *object) { Py_INCREF((PyObject *)object); }
static void forget_use(void *object) { Py_DECREF((PyObject *)object); }  // expect HF617

struct interface {
    void (*destroyed)(void *);
    void *(*allocate)(size_t);
    void (*use)(void *);
};
static const struct interface for_modules = {instance_destroyed, allocated, note_use};
const struct interface for_a_library = {instance_destroyed, NULL, forget_use};

static const struct interface *the_interface(void) { return &for_modules; }

int export_interface(PyObject *module) {
    PyObject *capsule = PyCapsule_New((void *)the_interface(), "module.interface", NULL);
    return PyModule_AddObject(module, "interface", capsule);
}

/* Python's own allocator: of some domains, Python calls it attached. */
static PyMemAllocatorEx before;

static void *counted(void *unused, size_t size) {
    (void)unused;
    PyErr_CheckSignals();
    return before.malloc(before.ctx, size);
}

static void *counted_again(void *unused, size_t number, size_t size) {
    PyGILState_STATE state = PyGILState_Ensure();
    (void)unused;
    PyErr_CheckSignals();
    PyGILState_Release(state);
    return before.calloc(before.ctx, number, size);
}

void count_memory(void) {
    PyMemAllocatorEx counting;
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &before);
    counting = before;
    counting.malloc = counted;
    counting.calloc = counted_again;
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &counting);
}

#define FIRST_OF(text, into) into = PyUnicode_READ(PyUnicode_1BYTE_KIND, PyUnicode_1BYTE_DATA(text), 0)

static PyObject *detached_and_right(PyObject *self, PyObject *text) {
    unsigned char first = 0;
    (void)self;
    Py_BEGIN_ALLOW_THREADS
    FIRST_OF(text, first);
    _Py_write_noraise(1, &first, 1);
    PyTraceMalloc_Track(7, 1, 1);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(first);
}

static PyObject *returns_at_once(PyObject *self, PyObject *unused) {
    int value = 0;
    (void)unused;
    io_uring_enter(3, 1, 0, 0, NULL);
    io_uring_enter(3, 1, 1, 1, NULL);  // expect HF613
    resolver_get_timeout(self, &value);
    resolver_get(self, &value, 10);  // expect HF613
    return PyLong_FromLong(value);
}

PyMethodDef of_exported[] = {
    {"detached_and_right", detached_and_right, METH_O, ""},
    {"returns_at_once", returns_at_once, METH_NOARGS, ""},
    {NULL, NULL, 0, NULL},
};
