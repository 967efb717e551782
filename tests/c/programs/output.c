/* What Python prints and logs arrives line by line, detached, until the streams are restored. */
#include "check.h"

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char seen[4][256];
static int lines;

static void line(void *user, int stream, const char *thread, const char *its, size_t size) {
    CHECK(!hf_attached() && thread != NULL && user == (void *)seen);
    pthread_mutex_lock(&mutex);
    lines++;
    if (stream >= 1 && stream <= 3 && size < 100) {
        strncat(seen[stream], its, size);
        strcat(seen[stream], "|");
    }
    pthread_mutex_unlock(&mutex);
}

static int others;

static void other_line(void *user, int stream, const char *thread, const char *its, size_t size) {
    (void)stream, (void)thread, (void)its, (void)size;
    pthread_mutex_lock(&mutex);
    ++*(int *)user;
    pthread_mutex_unlock(&mutex);
}

/* A call that fails leaves the earlier function where it was, whatever becomes of the new one. */
static void stays_with_the_earlier_one(hf_interpreter *python) {
    hf_guard *guard = NULL;
    hf_scope scope;
    others = 0;
    CHECK(hf_redirect_output(python, other_line, &others) == HF_OK);
    CHECK(hf_hold(hf_view_of(python), &guard) == HF_OK);
    CHECK(hf_finalize(python, 0, NULL) == HF_STILL_INSIDE);
    CHECK(hf_redirect_output(python, line, NULL) == HF_FINALIZING);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_FINALIZING);
    CHECK(hf_attach_guard(&scope, guard) == HF_OK);
    CHECK(hf_exec("print('while it is closed')") == HF_OK && others == 1);
    hf_end(&scope);
    hf_guard_free(guard);
    CHECK(hf_reopen(python) == HF_OK);

    CHECK(hf_exec("import logging, sys; sys.modules['logging'] = None") == HF_OK);
    CHECK(hf_redirect_output(python, line, NULL) == HF_PYTHON_ERROR);
    CHECK(hf_exec("print('without logging')") == HF_OK && others == 2);
    CHECK(hf_exec("sys.modules['logging'] = logging") == HF_OK);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_OK);
    others = 0;
}

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int is_in_line, goes_on;

static void slow_line(void *user, int stream, const char *thread, const char *its, size_t size) {
    (void)user, (void)stream, (void)thread;
    if (size != 4 || memcmp(its, "slow", size) != 0)
        return;
    pthread_mutex_lock(&mutex);
    is_in_line = 1;
    pthread_cond_broadcast(&changed);
    while (!goes_on)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void *prints_slowly(void *unused) {
    CHECK(hf_exec("print('slow')") == HF_OK);
    return unused;
}

static hf_interpreter *redirected;
static hf_status redirected_with;

/* Attached: else its attach would be the cancellation point. */
static void *redirects_cancelled(void *user) {
    hf_scope scope;
    CHECK(hf_attach(&scope, hf_view_of(redirected)) == HF_OK);
    CHECK(pthread_cancel(pthread_self()) == 0);
    redirected_with = hf_redirect_output(redirected, other_line, user);
    hf_end(&scope);
    pthread_testcancel();
    return NULL;
}

/* It waits for the earlier function, with the new one in its place already. */
static void is_completed_by_a_cancelled_thread(hf_interpreter *python) {
    pthread_t printer, canceller;
    void *end = NULL;
    int is_replaced = 0;
    others = 0;
    redirected = python;
    redirected_with = -1;
    CHECK(hf_redirect_output(python, slow_line, NULL) == HF_OK);
    CHECK(pthread_create(&printer, NULL, prints_slowly, NULL) == 0);
    pthread_mutex_lock(&mutex);
    while (!is_in_line)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    CHECK(pthread_create(&canceller, NULL, redirects_cancelled, &others) == 0);
    while (!is_replaced) {
        CHECK(hf_exec("print('quick')") == HF_OK);
        pthread_mutex_lock(&mutex);
        is_replaced = others != 0;
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    goes_on = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    CHECK(pthread_join(printer, NULL) == 0);
    CHECK(pthread_join(canceller, &end) == 0);
    CHECK(end == PTHREAD_CANCELED && redirected_with == HF_OK);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_OK);
    others = 0;
}

int main(void) {
    hf_interpreter *const python = start();
    stays_with_the_earlier_one(python);
    is_completed_by_a_cancelled_thread(python);
    CHECK(hf_redirect_output(python, line, seen) == HF_OK);
    CHECK(hf_exec("import sys, logging\n"
                  "print('one'); print('two\\nthree')\n"
                  "print('err', file=sys.stderr)\n"
                  "logging.getLogger().warning('logged %d', 5)") == HF_OK);
    CHECK(strcmp(seen[1], "one|two|three|") == 0);
    CHECK(strcmp(seen[2], "err|") == 0);
    CHECK(strstr(seen[3], "logged 5|") != NULL);
    CHECK(hf_exec("kept = sys.stdout, logging.StreamHandler()") == HF_OK);
    CHECK(hf_redirect_output(python, other_line, &others) == HF_OK);
    CHECK(hf_exec("print('other', file=kept[0])") == HF_OK && others == 1);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_OK);
    lines = others = 0;
    CHECK(hf_exec("print('past'); logging.getLogger().warning('past')\nsys.stdout.flush()\n"
                  "print('kept', file=kept[0])\n"
                  "kept[1].emit(logging.makeLogRecord({'msg': 'kept'}))\n"
                  "kept[0].flush()") == HF_OK);
    CHECK(lines == 0 && others == 0);

    CHECK(hf_exec("sys.stdout = None") == HF_OK); /* as in a daemon */
    CHECK(hf_redirect_output(python, other_line, &others) == HF_OK);
    CHECK(hf_exec("print('seen')") == HF_OK && others == 1);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_OK);
    CHECK(hf_exec("print('unseen')") == HF_OK && others == 1);
    CHECK(number_of("int(__import__('sys').stdout is None)") == 1);
    finalize(python);
    return 0;
}
