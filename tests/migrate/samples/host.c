/* A host in C: callbacks, a detached wait, and a main thread that lets others in. */
#include <Python.h>

#include <pthread.h>
#include <stdio.h>

static int events = 0;

static void on_event(void *text) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyRun_SimpleString((const char *)text);
    events += PyGILState_Check();
    PyGILState_Release(state);
}

static void early(int skip) {
    PyGILState_STATE state;

    state = PyGILState_Ensure();
    if (skip) {
        PyGILState_Release(state);
        return;
    }
    events += 10;
    PyGILState_Release(state);
}

static void *thread(void *text) {
    on_event(text);
    early(0);
    early(1);
    return NULL;
}

static int wait_for(pthread_t worker) {
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = pthread_join(worker, NULL);
    Py_END_ALLOW_THREADS
    return failed;
}

static void wait_and_save(pthread_t worker) {
    PyThreadState *saved = PyEval_SaveThread();
    pthread_join(worker, NULL);
    PyEval_RestoreThread(saved);
}

int main(void) {
    pthread_t first, second;
    Py_Initialize();
    pthread_create(&first, NULL, thread, "first = 1");
    if (wait_for(first) != 0)
        return 1;
    pthread_create(&second, NULL, thread, "second = first + 1");
    wait_and_save(second);
    printf("%d, attached %d\n", events, PyGILState_Check());
    return Py_FinalizeEx();
}
