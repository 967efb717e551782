/* A line server in C: a pool of threads serves connections, and Python answers each line.
 *
 *     holdfast run examples/c_server/main.c -- 8000
 *
 * SIGTERM or Ctrl-C ends it: lines in progress are answered, later ones are told that it closes. */
#include <holdfast/holdfast.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 4, LONGEST_LINE = 4096, LIMIT_MS = 5000 };

static hf_function *answer; /* app.answer(line) */
static int listening;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool closing;                         /* guarded by mutex, like connections */
static int connections[THREADS];             /* -1: the thread waits for one */
static atomic_int answered, failed, refused; /* lines */

/* Writes "STATUS TEXT\n", the text's own newlines as spaces. */
static void reply(FILE *client, const char *status, const char *text, size_t size) {
    fprintf(client, "%s ", status);
    for (size_t i = 0; i < size; i++)
        fputc(text[i] == '\n' ? ' ' : text[i], client);
    fputc('\n', client);
    fflush(client);
}

static void answer_line(FILE *client, const char *line, size_t size) {
    hf_value text = {.kind = HF_TEXT, .as.text = {line, size}}, result;
    hf_status status = hf_call(answer, &text, 1, &result); /* attaches by itself */
    if (status == HF_OK && result.kind == HF_TEXT) {
        answered++;
        reply(client, "ok", result.as.text.data, result.as.text.size);
    } else if (status == HF_FINALIZING || status == HF_FINALIZED) {
        refused++; /* a late call: nothing was run */
        reply(client, "closing", "", 0);
    } else {
        const char *why = status == HF_OK ? "answer() did not return a str" : hf_last_message();
        failed++; /* hf_last_type() and hf_last_traceback() say more about an exception */
        reply(client, "error", why, strlen(why));
    }
    hf_value_clear(&result);
}

static void serve(int connection) {
    char line[LONGEST_LINE];
    FILE *reading = fdopen(connection, "r");
    FILE *writing = fdopen(dup(connection), "w");
    while (reading && writing && fgets(line, sizeof line, reading)) /* blocks detached */
        answer_line(writing, line, strcspn(line, "\r\n"));
    if (writing)
        fclose(writing);
    if (reading)
        fclose(reading);
    else
        close(connection);
}

static void *worker(void *slot) {
    int *mine = slot;
    for (;;) {
        int connection = accept(listening, NULL, NULL);
        pthread_mutex_lock(&mutex);
        bool end = closing || connection < 0;
        *mine = end ? -1 : connection;
        pthread_mutex_unlock(&mutex);
        if (end) {
            if (connection >= 0)
                close(connection);
            return NULL;
        }
        /* The number is given up before serve() closes it, so that close_down() cannot meet
         * another file of that number. */
        int kept = dup(connection);
        serve(kept);
        pthread_mutex_lock(&mutex);
        *mine = -1;
        pthread_mutex_unlock(&mutex);
        close(connection);
    }
}

/* No new connections; those that are open read the end of their input. */
static void close_down(void) {
    pthread_mutex_lock(&mutex);
    closing = true;
    shutdown(listening, SHUT_RDWR);
    for (int i = 0; i < THREADS; i++)
        if (connections[i] >= 0)
            shutdown(connections[i], SHUT_RD);
    pthread_mutex_unlock(&mutex);
}

static int listen_on(unsigned short port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listening = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening, (struct sockaddr *)&address, size) != 0 || listen(listening, 64) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &size) != 0)
        return -1;
    return ntohs(address.sin_port);
}

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n%s", what, hf_last_message(), hf_last_traceback());
    return 1;
}

int main(int argc, char **argv) {
    /* Blocked here, so that no thread's read is interrupted: sigwait() takes them below. */
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);

    hf_interpreter *python;
    hf_report *report;
    pthread_t threads[THREADS];
    const char *folder = argc > 2 ? argv[2] : "examples/c_server";
    hf_config config = {.size = sizeof config, .module_search_paths = &folder};
    config.module_search_path_count = 1;
    if (hf_start(&config, &python) != HF_OK)
        return fail("Python does not start");
    if (hf_find("app", "answer", &answer) != HF_OK)
        return fail("no app.answer()");
    int port = listen_on((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
    if (port < 0)
        return perror("cannot listen"), 1;
    for (int i = 0; i < THREADS; i++) {
        connections[i] = -1;
        pthread_create(&threads[i], NULL, worker, &connections[i]);
    }
    printf("Python %s answers on port %d\n", hf_python_version(), port);
    fflush(stdout);

    int number;
    sigwait(&stop, &number);
    hf_status status = hf_finalize(python, LIMIT_MS, &report); /* waits for lines in progress */
    if (status != HF_OK)
        fprintf(stderr, "%s\n", report ? hf_report_text(report) : hf_last_message());
    hf_report_free(report);
    close_down();
    if (status == HF_STILL_INSIDE)
        _exit(1); /* a line takes too long: its thread cannot be joined */
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    hf_function_free(answer);
    printf("%d answered, %d failed, %d refused\n", answered, failed, refused);
    return status != HF_OK;
}
