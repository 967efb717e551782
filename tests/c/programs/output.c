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

int main(void) {
    hf_interpreter *const python = start();
    stays_with_the_earlier_one(python);
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
