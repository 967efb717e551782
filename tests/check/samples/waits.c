// Calls that have a flag or a time, and return at once because of it.
#include <Python.h>

#include <poll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static PyObject *asks_for_a_child(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    int status = 0;
    siginfo_t facts;
    waitpid(1, &status, WNOHANG);
    waitid(P_PID, 1, &facts, WEXITED | WNOHANG | WNOWAIT);
    Py_RETURN_NONE;
}

static PyObject *waits_for_a_child(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    int status = 0;
    waitpid(1, &status, 0);  // expect HF613
    wait(0);                 // expect HF613
    Py_RETURN_NONE;
}

static PyObject *perhaps_waits_for_a_child(PyObject *self, PyObject *patient) {
    (void)self;
    int status = 0;
    waitpid(1, &status, patient == Py_True ? 0 : WNOHANG);  // expect HF613
    Py_RETURN_NONE;
}

static PyObject *asks_a_socket(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    char text[8];
    recv(3, text, sizeof text, MSG_DONTWAIT);
    flock(3, LOCK_EX | LOCK_NB);
    Py_RETURN_NONE;
}

static PyObject *waits_for_a_socket(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    char text[8];
    recv(3, text, sizeof text, 0);  // expect HF613
    Py_RETURN_NONE;
}

static PyObject *asks_several(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    struct pollfd one = {3, POLLIN, 0};
    fd_set all;
    struct timeval none = {0, 0};
    poll(&one, 1, 0);
    select(4, &all, 0, 0, &none);
    Py_RETURN_NONE;
}

static PyObject *waits_for_several(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    struct pollfd one = {3, POLLIN, 0};
    fd_set all;
    struct timeval some = {0, 0};
    some.tv_sec = 5;
    poll(&one, 1, -1);               // expect HF613
    select(4, &all, 0, 0, &some);    // expect HF613
    select(4, &all, 0, 0, NULL);     // expect HF613
    select(0, &all, 0, 0, 0);        // expect HF613
    Py_RETURN_NONE;
}

// Which of its callers is attached decides, not what it does on another path.
static void waits_detached(int has_failed) {
    if (has_failed)
        PyErr_Clear();
    sleep(1);
}

static void waits_attached(int has_failed) {
    if (has_failed)
        PyErr_Clear();
    sleep(1);  // expect HF613
}

static void passes_on(void) {
    waits_detached(0);  // holdfast: ignore[HF601] it does not touch Python unless it has failed
}

static PyObject *calls_detached(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    PyThreadState *saved = PyEval_SaveThread();
    passes_on();
    waits_attached(0);  // holdfast: ignore[HF601] it does not touch Python unless it has failed
    PyEval_RestoreThread(saved);
    waits_attached(1);
    Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"asks_for_a_child", asks_for_a_child, METH_O, NULL},
    {"waits_for_a_child", waits_for_a_child, METH_O, NULL},
    {"perhaps_waits_for_a_child", perhaps_waits_for_a_child, METH_O, NULL},
    {"asks_a_socket", asks_a_socket, METH_O, NULL},
    {"waits_for_a_socket", waits_for_a_socket, METH_O, NULL},
    {"asks_several", asks_several, METH_O, NULL},
    {"waits_for_several", waits_for_several, METH_O, NULL},
    {"calls_detached", calls_detached, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};
