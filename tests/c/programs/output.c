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

int main(void) {
    hf_interpreter *const python = start();
    CHECK(hf_redirect_output(python, line, seen) == HF_OK);
    CHECK(hf_exec("import sys, logging\n"
                  "print('one'); print('two\\nthree')\n"
                  "print('err', file=sys.stderr)\n"
                  "logging.getLogger().warning('logged %d', 5)") == HF_OK);
    CHECK(strcmp(seen[1], "one|two|three|") == 0);
    CHECK(strcmp(seen[2], "err|") == 0);
    CHECK(strstr(seen[3], "logged 5|") != NULL);
    CHECK(hf_redirect_output(python, NULL, NULL) == HF_OK);
    lines = 0;
    CHECK(hf_exec("print('past'); logging.getLogger().warning('past')\nsys.stdout.flush()") ==
          HF_OK);
    CHECK(lines == 0);
    finalize(python);
    return 0;
}
