/* PyEval_AcquireLock() takes the GIL, and attaches no thread state. */
#include <Python.h>

struct worker {
    PyThreadState *state;
    PyInterpreterState *interpreter;
};

void ends_an_interpreter(PyThreadState *state) {
    PyEval_AcquireLock();      // expect HF610
    Py_EndInterpreter(state);  // expect HF601
    PyEval_ReleaseLock();      // expect HF610
}
void ends_an_interpreter_attached(PyThreadState *state) {
    PyEval_AcquireLock();  // expect HF610
    PyThreadState_Swap(state);
    Py_EndInterpreter(state);
    PyEval_ReleaseLock();  // expect HF610
}
void clears(struct worker *worker) {
    PyEval_AcquireLock();                // expect HF610
    PyThreadState_Clear(worker->state);  // expect HF601
    PyEval_ReleaseLock();                // expect HF610
    PyThreadState_Delete(worker->state);
}
/* What needs the lock only. */
void makes_a_state(struct worker *worker) {
    PyEval_AcquireLock();  // expect HF610
    worker->state = PyThreadState_New(worker->interpreter);
    PyEval_ReleaseLock();  // expect HF610
}
void makes_an_interpreter(struct worker *worker) {
    PyEval_AcquireLock();  // expect HF610
    worker->state = Py_NewInterpreter();
    PyErr_Clear();
    PyEval_ReleaseLock();  // expect HF610
}
/* PyEval_ReleaseLock() leaves the state with the thread, maybe in another function. */
void ends_python(void) {
    PyEval_AcquireLock();  // expect HF610
    Py_Finalize();
}
void ends_python_wrongly(PyObject *module) {
    Py_DECREF(module);
    PyEval_SaveThread();
    PyEval_AcquireLock();  // expect HF610
    Py_Finalize();         // expect HF601
}
static PyObject *steps_aside(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    PyEval_ReleaseLock();  // expect HF610
    PyEval_AcquireLock();  // expect HF610
    Py_RETURN_NONE;
}
PyMethodDef methods[] = {{"steps_aside", steps_aside, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
