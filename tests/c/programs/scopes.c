/* Scopes nest, may be ended twice, and say when they are refused; a guard keeps Python from ending. */
#include "check.h"

#include <pthread.h>
#include <sched.h>

static hf_guard *held;
static hf_interpreter *python;

static hf_status count(void *user) {
    CHECK(hf_attached());
    ++*(int *)user;
    return 7;
}

static void *by_guard(void *unused) {
    hf_scope scope;
    (void)unused;
    for (;;) { /* until hf_finalize() has closed it */
        const hf_status status = hf_attach(&scope, hf_view_of(python));
        hf_end(&scope);
        if (status != HF_OK) {
            CHECK(status == HF_FINALIZING);
            break;
        }
        sched_yield();
    }
    CHECK(hf_attach_guard(&scope, held) == HF_OK); /* admitted while the interpreter closes */
    CHECK(hf_exec("import threading") == HF_OK);
    hf_end(&scope);
    hf_guard_free(held);
    return NULL;
}

static int returns_from_block(void) {
    HF_ATTACHED(hf_main_view()) {
        CHECK(hf_attached());
        return 1;
    }
    return 0;
}

int main(void) {
    hf_scope outer, inner, away, nothing;
    hf_view none;
    pthread_t thread;
    int calls = 0, blocks = 0;

    memset(&none, 0, sizeof none);
    HF_ATTACHED(hf_main_view()) { blocks++; }
    CHECK(blocks == 0 && hf_last_code() == HF_NOT_STARTED);
    CHECK(hf_with(hf_main_view(), count, &calls) == HF_NOT_STARTED && calls == 0);
    python = start();

    CHECK(!hf_attached() && hf_current_view().record == NULL);
    CHECK(hf_attach(&nothing, none) == HF_NOT_STARTED);
    hf_end(&nothing);
    CHECK(hf_attach(&outer, hf_main_view()) == HF_OK);
    CHECK(hf_attach(&inner, hf_view_of(python)) == HF_OK);
    CHECK(hf_current_view().generation == hf_view_of(python).generation);
    CHECK(hf_detach(&away) == HF_OK && !hf_attached());
    CHECK(hf_detach(&nothing) == HF_OK); /* while detached */
    hf_end(&nothing);
    CHECK(!hf_attached());
    hf_end(&away);
    hf_end(&away);
    CHECK(hf_attached());
    hf_end(&inner);
    hf_end(&inner);
    CHECK(hf_attached());
    hf_end(&outer);
    hf_end(&outer);
    CHECK(!hf_attached());
    CHECK(returns_from_block() == 1 && !hf_attached());
    HF_ATTACHED(hf_main_view()) {
        if (blocks == 0)
            break;
    }
    CHECK(!hf_attached());
    CHECK(hf_with(hf_main_view(), count, &calls) == 7 && calls == 1);

    CHECK(hf_hold(hf_main_view(), &held) == HF_OK);
    CHECK(hf_finalize(python, 0, NULL) == HF_STILL_INSIDE); /* the guard, whoever took it */
    hf_guard_free(held);
    CHECK(hf_reopen(python) == HF_OK);
    CHECK(hf_attach(&outer, hf_main_view()) == HF_OK);
    CHECK(hf_hold(hf_current_view(), &held) == HF_OK);
    hf_end(&outer);
    hf_guard_free(held);
    hf_guard_free(NULL);
    CHECK(hf_hold(none, &held) == HF_NOT_STARTED && held == NULL);
    CHECK(hf_attach_guard(&outer, NULL) == 269);
    hf_end(&outer);
    CHECK(hf_hold(hf_main_view(), &held) == HF_OK); /* handed over to a thread that frees it */
    CHECK(pthread_create(&thread, NULL, by_guard, NULL) == 0);
    CHECK(hf_finalize(python, 15000, NULL) == HF_OK);
    pthread_join(thread, NULL);
    CHECK(hf_hold(hf_main_view(), &held) == HF_FINALIZED && held == NULL);
    return 0;
}
