/* Thread states that helpers swap in and out, directly or by way of other helpers. */
#include <Python.h>

extern PyThreadState *host_state;
extern int work(void);

static void to_host(void) { PyThreadState_Swap(host_state); }
static void by_two(void) { to_host(); }
static void by_three(void) { by_two(); }
static void back_to(PyThreadState *given) { PyThreadState_Swap(given); }
static void back_by_two(PyThreadState *given) { back_to(given); }
static PyThreadState *out(void) { return PyThreadState_Swap(NULL); }
static PyThreadState *out_by_two(void) { return out(); }

/* The caller need not be attached. */
int calls_from_nothing(void) {
    by_two();
    PyErr_Clear();
    out_by_two();
    by_three();
    if (PyErr_Occurred())
        return 1;  // expect HF603
    PyThreadState_Swap(NULL);
    return 0;
}

/* Each of these leaves its caller attached. */
static void out_and_back(void) {
    PyThreadState *const before = PyThreadState_Swap(NULL);
    work();
    back_by_two(before);
}
static void out_by_helper(void) {
    PyThreadState *const before = out_by_two();
    PyThreadState *const fresh = Py_NewInterpreter();
    if (fresh != NULL)
        Py_EndInterpreter(fresh);
    PyThreadState_Swap(before);
}
static void saved_and_back(void) {
    PyThreadState *const mine = PyEval_SaveThread();
    work();
    back_by_two(mine);
}
static void another_between(void) {
    PyThreadState *const mine = PyEval_SaveThread();
    by_three();
    PyErr_Clear();
    PyThreadState_Swap(NULL);
    PyEval_RestoreThread(mine);
}
PyObject *stays_attached(PyObject *self, PyObject *arguments) {
    (void)self, (void)arguments;
    out_and_back();
    PyErr_Clear();
    out_by_helper();
    PyErr_Clear();
    saved_and_back();
    PyErr_Clear();
    another_between();
    PyErr_Clear();
    PyThreadState *const before = out_by_two();
    PyErr_Clear();  // expect HF601
    by_three();
    PyErr_Clear();
    out();
    back_by_two(before);
    Py_RETURN_NONE;
}

/* Another state is attached in between, and one way out forgets both. */
int forgets_both(void) {
    PyThreadState *const mine = PyEval_SaveThread();  // expect HF602
    by_two();
    if (PyErr_Occurred())
        return 1;  // expect HF603
    PyThreadState_Swap(NULL);
    PyEval_RestoreThread(mine);
    return 0;
}
