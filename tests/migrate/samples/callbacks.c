/* A host in C whose library calls back. A comment says which functions stay as they are, and why. */
#include <Python.h>

#include <pthread.h>
#include <stdio.h>

typedef void (*callback)(void *);

static void on_event(void *text) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyRun_SimpleString((const char *)text);
    PyGILState_Release(state);
}

static PyObject *made(void) {
    PyObject *object;
    PyGILState_STATE state;

    state = PyGILState_Ensure();
    object = PyList_New(0);
    if (object == NULL) {
        PyErr_Clear();
        PyGILState_Release(state);
        return NULL;
    }
    PyGILState_Release(state);
    return object;
}

static int counted(PyObject *list) {
    PyGILState_STATE state = PyGILState_Ensure(); /* stays HF647 */
    int count = (int)PyList_Size(list);
    PyGILState_Release(state);
    return count;
}

static void twice(callback call) {
    PyGILState_STATE state = PyGILState_Ensure(); /* stays HF647 */
    PyErr_Clear();
    PyGILState_Release(state);
    call("");
}

static void *thread(void *text) {
    on_event(text);
    return made();
}

int main(void) {
    pthread_t worker;
    void *list = NULL;
    Py_Initialize();
    if (!PyEval_ThreadsInitialized())
        PyEval_InitThreads();
    PyEval_ReleaseLock();
    pthread_create(&worker, NULL, thread, "print('called')");
    pthread_join(worker, &list);
    twice(on_event);
    printf("%d elements\n", counted(list));
    PyEval_AcquireLock();
    Py_XDECREF((PyObject *)list);
    return Py_FinalizeEx();
}
