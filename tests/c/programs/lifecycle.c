/* Start, limit, reopen, end, restart: each call says what it found, and views tell runs apart. */
#include "check.h"

#include <pthread.h>

static pthread_barrier_t inside, leave;

static void *stay(void *unused) {
    (void)unused;
    HF_ATTACHED(hf_main_view()) {
        hf_scope waiting;
        hf_detach(&waiting);
        pthread_barrier_wait(&inside);
        pthread_barrier_wait(&leave);
        hf_end(&waiting); /* inside: passes the closed interpreter */
        CHECK(hf_exec("left = 1") == HF_OK);
    }
    return NULL;
}

static void *finalize_elsewhere(void *python) {
    CHECK(hf_finalize((hf_interpreter *)python, 0, NULL) == 210);
    CHECK(hf_reopen((hf_interpreter *)python) == 210);
    return NULL;
}

static void on_a_thread(void *(*body)(void *), void *user) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, user);
    pthread_join(thread, NULL);
}

int main(void) {
    hf_scope scope;
    hf_value value;
    hf_report *report;
    hf_guard *guard;
    hf_interpreter *python, *second;
    pthread_t thread;
    hf_config config;
    struct {
        hf_config config;
        long more[2];
    } longer;
    hf_view first = hf_main_view();

    CHECK(hf_abi_version() == HF_ABI_VERSION);
    CHECK(strcmp(hf_python_version(), "") == 0 && hf_last_code() == 0);
    CHECK(hf_attach(&scope, first) == HF_NOT_STARTED);
    CHECK(hf_last_code() == HF_NOT_STARTED && hf_last_message()[0] != '\0');
    hf_end(&scope);
    CHECK(hf_eval("1", &value) == HF_NOT_STARTED && value.kind == HF_NONE);
    memset(&config, 0, sizeof config);
    CHECK(hf_start(&config, &python) == 267 && python == NULL);
    config.size = (size_t)-1; /* whatever was on the stack */
    CHECK(hf_start(&config, &python) == 267);
    CHECK(strstr(hf_last_message(), "was not prepared") != NULL);

    config.size = sizeof config;
    config.switch_interval_us = -1; /* refused before CPython starts: a start may follow */
    CHECK(hf_start(&config, &python) == 269);
    config.switch_interval_us = 0;
    config.module_search_path_count = 1;
    CHECK(hf_start(&config, &python) == 269);
    memset(&longer, 0, sizeof longer);
    longer.config.size = sizeof longer; /* a program of a later version */
    longer.more[1] = 1;
    CHECK(hf_start(&longer.config, &python) == 267);
    CHECK(strcmp(hf_python_version(), "") == 0);
    config.size = offsetof(hf_config, executable); /* one of an earlier version */
    CHECK(hf_start(&config, &python) == HF_OK);
    CHECK(hf_hold(first, &guard) == HF_OK);
    hf_guard_free(guard);
    finalize(python);
    python = start();
    CHECK(strlen(hf_python_version()) >= 6 && hf_python_version()[0] == '3');
    CHECK(hf_start(NULL, &second) == 214 && second == NULL);
    CHECK(hf_last_code() == 214);
    CHECK(hf_exec("x = 1") == HF_OK && hf_last_code() == 214); /* unchanged by success */
    on_a_thread(finalize_elsewhere, python);

    CHECK(hf_attach(&scope, first) == HF_STALE); /* named the first run */
    CHECK(hf_hold(first, &guard) == HF_STALE && guard == NULL);
    first = hf_main_view();
    CHECK(hf_attach(&scope, first) == HF_OK);
    CHECK(hf_finalize(python, 0, &report) == 211 && report == NULL);
    hf_end(&scope);
    CHECK(hf_reopen(python) == 217);

    pthread_barrier_init(&inside, NULL, 2);
    pthread_barrier_init(&leave, NULL, 2);
    pthread_create(&thread, NULL, stay, NULL);
    pthread_barrier_wait(&inside);
    CHECK(hf_finalize(python, 0, &report) == HF_STILL_INSIDE);
    CHECK(report != NULL && hf_report_count(report) == 1);
    CHECK(hf_report_thread(report, 0) != 0 && strstr(hf_report_where(report, 0), "+0x") != NULL);
    CHECK(strstr(hf_report_text(report), "thread ") != NULL);
    CHECK(strstr(hf_last_message(),
                 "HF243 the interpreter has not ended within 0 ms; in the way: thread ") ==
          hf_last_message());
    CHECK(strstr(hf_last_message(), hf_report_where(report, 0)) != NULL);
    CHECK(strchr(strchr(hf_last_message(), '\n') + 1, '\n') == NULL); /* two lines: no report */
    CHECK(strstr(hf_last_message(), "hf_report_text()") != NULL);
    CHECK(hf_report_thread(report, 1) == 0 && hf_report_where(report, 1)[0] == '\0');
    hf_report_free(report);
    CHECK(hf_attach(&scope, first) == HF_FINALIZING); /* closed */
    CHECK(hf_reopen(python) == HF_OK);
    CHECK(hf_attach(&scope, first) == HF_OK);
    hf_end(&scope);
    CHECK(hf_finalize(python, 0, NULL) == HF_STILL_INSIDE);
    CHECK(strstr(hf_last_message(), "pass the address of an hf_report *") != NULL);
    pthread_barrier_wait(&leave);
    CHECK(hf_finalize(python, -1, &report) == HF_OK);
    hf_report_free(report);
    pthread_join(thread, NULL);
    CHECK(hf_finalize(python, 0, NULL) == HF_OK); /* again */
    CHECK(hf_attach(&scope, first) == HF_FINALIZED);
    CHECK(hf_exec("x = 1") == HF_FINALIZED);

    second = start();
    CHECK(hf_attach(&scope, first) == HF_STALE);
    CHECK(hf_attach(&scope, hf_view_of(python)) == HF_STALE);
    CHECK(hf_attach(&scope, hf_view_of(second)) == HF_OK);
    hf_end(&scope);
    CHECK(hf_finalize(python, 0, NULL) == HF_OK);
    finalize(second);
    CHECK(hf_view_of(NULL).record == NULL);
    hf_report_free(NULL);
    return 0;
}
