/* hf_finalize_interrupting() ends Python code that would run for ever; the call says so. */
#include "check.h"

#include <pthread.h>

static pthread_barrier_t begins;

static hf_status begun(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_scope away;
    (void)user, (void)args, (void)count, (void)result;
    hf_detach(&away);
    pthread_barrier_wait(&begins);
    hf_end(&away);
    return HF_OK;
}

static void *run_for_ever(void *unused) {
    (void)unused;
    CHECK(hf_exec("import host\nhost.begun()\nwhile True: pass") == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "holdfast.Interrupted") == 0);
    return NULL;
}

int main(void) {
    hf_interpreter *python;
    hf_report *report;
    pthread_t thread;
    pthread_barrier_init(&begins, NULL, 2);
    CHECK(hf_define("host", "begun", begun, NULL) == HF_OK);
    python = start();
    pthread_create(&thread, NULL, run_for_ever, NULL);
    pthread_barrier_wait(&begins);
    CHECK(hf_finalize_interrupting(python, 20000, 10, &report) == HF_OK);
    hf_report_free(report);
    pthread_join(thread, NULL);
    return 0;
}
