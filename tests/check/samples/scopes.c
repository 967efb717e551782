/* Scopes of the C interface, in code that also calls Python itself. */
#include <Python.h>
#include <holdfast/holdfast.h>

#include <pthread.h>
#include <unistd.h>

static void on_event(void *text) {
    hf_scope scope;
    if (hf_attach(&scope, hf_main_view()) != HF_OK)
        return;
    PyRun_SimpleString((const char *)text);
    hf_end(&scope);
}

static int by_status(void) {
    hf_scope scope;
    hf_status status = hf_attach(&scope, hf_main_view());
    if (status == HF_OK) {
        PyErr_Clear();
        hf_end(&scope);
    }
    return status;
}

static void forgotten(int skip) {
    hf_scope scope;
    if (hf_attach(&scope, hf_main_view()) != HF_OK)
        return;
    if (skip)
        return;  // expect HF603
    PyErr_Clear();
    hf_end(&scope);
}

static void by_block(void) {
    HF_ATTACHED(hf_main_view()) {
        hf_scope waiting;
        PyErr_Clear();
        hf_detach(&waiting);
        sleep(1);
        hf_end(&waiting);
        PyErr_Clear();
    }
    sleep(1);
}

static void too_late(void) {
    hf_scope scope;
    if (hf_attach(&scope, hf_main_view()) != HF_OK)
        return;
    hf_end(&scope);
    PyErr_Clear();  // expect HF601
}

static PyObject *method(PyObject *self, PyObject *unused) {
    hf_scope waiting;
    (void)unused;
    hf_detach(&waiting);
    sleep(1);
    PyErr_Clear();  // expect HF601
    hf_end(&waiting);
    return PyLong_FromVoidPtr(self);
}

static void *thread(void *text) {
    on_event(text);
    by_block();
    forgotten(by_status());
    too_late();
    return method(NULL, NULL);  // expect HF607
}

int main(void) {
    pthread_t worker;
    hf_interpreter *python;
    hf_scope waiting;
    if (hf_start(NULL, &python) != HF_OK)
        return 1;
    if (pthread_create(&worker, NULL, thread, "pass") != 0)
        return 1;
    hf_detach(&waiting);
    pthread_join(worker, NULL);
    hf_end(&waiting);
    return hf_finalize(python, -1, NULL);
}
