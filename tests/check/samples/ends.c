/* Calls that never return end a path; macros that bring their own semicolons and braces. */
#include <Python.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

extern int bad(void);
extern jmp_buf out;
__attribute__((noreturn)) void gone(void);
static void die(void) { exit(3); }
static void die_later(int code) {
    if (code)
        exit(code);
    abort();
}
static void may_die(int code) {
    if (code)
        exit(code);
}
void by_exit(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); exit(1); }
    PyGILState_Release(s);
}
void by_exit_at_once(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); _exit(1); }
    PyGILState_Release(s);
}
void by_abort(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); abort(); }
    PyGILState_Release(s);
}
void by_case(int n) {
    PyGILState_STATE s = PyGILState_Ensure();
    switch (n) { case 1: PyGILState_Release(s); exit(1); }
    PyGILState_Release(s);
}
void by_thread(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); pthread_exit(NULL); }
    PyGILState_Release(s);
}
void by_jump(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); longjmp(out, 1); }
    PyGILState_Release(s);
}
void by_function(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); die(); }
    PyGILState_Release(s);
}
void by_function_on_each_path(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); die_later(bad()); }
    PyGILState_Release(s);
}
void by_attribute(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); gone(); }
    PyGILState_Release(s);
}
void perhaps(void) {
    PyGILState_STATE s = PyGILState_Ensure();
    if (bad()) { PyGILState_Release(s); may_die(1); }
    PyGILState_Release(s);  // expect HF604
}

static PyThreadState *kept;
static void take(void) { PyEval_RestoreThread(kept); }
static void drop(void) { kept = PyEval_SaveThread(); }
#define TAKE take();
#define DROP drop();
PyObject *own_semicolon(PyObject *self, PyObject *args) {
    (void)self; (void)args;
    DROP if (write(1, "x", 1) < 0) {
        TAKE Py_INCREF(Py_None);
        return Py_None;
    }
    TAKE Py_INCREF(Py_True);
    return Py_True;
}
PyObject *own_semicolon_wrong(PyObject *self, PyObject *args) {
    (void)self; (void)args;
    DROP if (write(1, "x", 1) < 0)
        return NULL;  // expect HF603
    TAKE Py_INCREF(Py_True);
    return Py_True;
}

extern int native_open(const char *path, int *status);
#define NATIVE(statement) do { Py_BEGIN_ALLOW_THREADS { statement; } Py_END_ALLOW_THREADS; } while (0)
PyObject *argument_of_macro(PyObject *self, PyObject *path) {
    int rc = 0, status = 0;
    (void)self;
    PyObject *text = PyObject_Str(path);
    if (!text) return NULL;
    NATIVE(rc = native_open(PyUnicode_AsUTF8(text), &status));  // expect HF601
    Py_DECREF(text);
    return PyLong_FromLong(rc + status);
}

/* Braces in two #if with the same condition. */
int braces(PyObject *item) {
    PyGILState_STATE state = PyGILState_Ensure();
    int ok = 0;
#ifndef _WIN32
    if (item != Py_None) {
#endif
        ok = PyObject_IsTrue(item);
        if (bad())
            return 2;  // expect HF603
#ifndef _WIN32
    }
#endif
    PyGILState_Release(state);
    return ok;
}

/* A macro that attaches and returns, under a condition of its own. */
#define FAIL_IF(error, result)                           \
    if ((error) != 0) {                                  \
        PyGILState_STATE nested = PyGILState_Ensure();   \
        PyErr_SetString(PyExc_ValueError, "it failed");  \
        PyGILState_Release(nested);                      \
        return result;                                   \
    }
PyObject *fails_by_macro(PyObject *self, PyObject *args) {
    (void)self;
    FAIL_IF(bad(), NULL);
    Py_INCREF(args);
    return args;
}

/* Arguments that an #if chooses. */
int chosen_argument(void) {
    PyGILState_STATE state = PyGILState_Ensure();
    const int got = (int)write(1, "x",
#ifdef _WIN32
                               2);
#else
                               1);
#endif
    if (got < 0)
        return -1;  // expect HF603
    PyGILState_Release(state);
    return 0;
}

/* A field of an object that the caller owns, read while detached. */
PyObject *fill(PyObject *self, PyObject *args) {
    (void)self; (void)args;
    PyObject *room = PyBytes_FromStringAndSize(NULL, 64);
    ssize_t got;
    if (!room) return NULL;
    Py_BEGIN_ALLOW_THREADS
    got = read(0, PyBytes_AS_STRING(room), (size_t)PyBytes_GET_SIZE(room));
    Py_END_ALLOW_THREADS
    if (got < 0) { Py_DECREF(room); return PyErr_SetFromErrno(PyExc_OSError); }
    return room;
}
PyObject *items(PyObject *self, PyObject *list) {
    long n;
    (void)self;
    Py_BEGIN_ALLOW_THREADS
    n = (long)PySequence_Fast_GET_SIZE(list) + (PySequence_Fast_GET_ITEM(list, 0) != NULL);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(n);
}
