/* A callback whose call fails after hf_finalize() has begun gets the status, and Python its error. */
#include "check.h"

#include <pthread.h>
#include <sched.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_inside, is_closed, is_passed_on;
static hf_function *raises;

static void set(int *what) {
    pthread_mutex_lock(&mutex);
    *what = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void wait_for(const int *what) {
    pthread_mutex_lock(&mutex);
    while (!*what)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

/* A thread that is not inside sees that newcomers are refused. */
static void *wait_until_closed(void *unused) {
    hf_scope scope;
    while (hf_attach(&scope, hf_main_view()) == HF_OK) {
        hf_end(&scope);
        sched_yield();
    }
    CHECK(hf_last_code() == HF_FINALIZING);
    set(&is_closed);
    return unused;
}

/* In the call, which holds hf_finalize() back. */
static hf_status waits(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_scope away;
    (void)user, (void)args, (void)count, (void)result;
    CHECK(hf_detach(&away) == HF_OK);
    set(&is_inside);
    wait_for(&is_closed);
    hf_end(&away);
    return HF_OK;
}

/* Detached, on a thread of Python's own: the call attaches by itself, and its end is outside. */
static hf_status calls(void *user, const hf_value *args, size_t count, hf_value *result) {
    hf_scope away;
    hf_status status;
    (void)user, (void)args, (void)count, (void)result;
    CHECK(hf_detach(&away) == HF_OK);
    status = hf_call(raises, NULL, 0, NULL);
    CHECK(status == HF_PYTHON_ERROR && strcmp(hf_last_type(), "ValueError") == 0);
    hf_end(&away);
    return status;
}

static hf_status notes(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)result;
    CHECK(count == 1 && is_text(&args[0], "late"));
    set(&is_passed_on);
    return HF_OK;
}

int main(void) {
    pthread_t watcher;
    hf_interpreter *const python = start();
    CHECK(hf_define("host", "waits", waits, NULL) == HF_OK);
    CHECK(hf_define("host", "calls", calls, NULL) == HF_OK);
    CHECK(hf_define("host", "notes", notes, NULL) == HF_OK);
    CHECK(hf_exec("import host, threading\n"
                  "def raises():\n"
                  "    host.waits()\n"
                  "    raise ValueError('late')\n"
                  "def run():\n"
                  "    try: host.calls()\n"
                  "    except ValueError as error: host.notes(str(error))\n") == HF_OK);
    raises = function("__main__", "raises");
    CHECK(hf_exec("threading.Thread(target=run).start()") == HF_OK);
    wait_for(&is_inside);
    CHECK(pthread_create(&watcher, NULL, wait_until_closed, NULL) == 0);
    finalize(python);
    CHECK(pthread_join(watcher, NULL) == 0 && is_passed_on);
    hf_function_free(raises);
    return 0;
}
