/* A sub-interpreter is used from any thread by its view, and keeps its functions to itself. */
#include "check.h"

#include <pthread.h>

static hf_interpreter *child;

static void *use_child(void *unused) {
    (void)unused;
    HF_ATTACHED(hf_view_of(child)) {
        CHECK(hf_exec("count = globals().get('count', 0) + 1") == HF_OK);
        CHECK(hf_current_view().record == hf_view_of(child).record);
    }
    return NULL;
}

static hf_status answer(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count;
    *result = integer(42);
    return HF_OK;
}

int main(void) {
    hf_interpreter *python = start();
    hf_interpreter *other;
    hf_function *in_child;
    hf_value value;
    pthread_t thread;
    hf_scope scope;
    int i;

    CHECK(hf_subinterpreter_start(python, 1, &child) == HF_OK);
    CHECK(hf_subinterpreter_start(child, 1, &other) == 241 && other == NULL);
    for (i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, use_child, NULL);
        pthread_join(thread, NULL);
    }
    CHECK(hf_eval("count", &value) == HF_PYTHON_ERROR); /* not in the main one */
    CHECK(hf_attach(&scope, hf_view_of(child)) == HF_OK);
    CHECK(number_of("count") == 3);
    CHECK(hf_exec("def f(): return 'child'") == HF_OK);
    CHECK(hf_define("only_in_child", "answer", answer, NULL) == HF_OK);
    CHECK(number_of("__import__('only_in_child').answer()") == 42);
    in_child = function("__main__", "f");
    hf_end(&scope);
    CHECK(hf_call(in_child, NULL, 0, &value) == HF_OK && is_text(&value, "child"));
    hf_value_clear(&value);
    CHECK(hf_finalize(child, -1, NULL) == HF_OK);
    CHECK(hf_call(in_child, NULL, 0, &value) == HF_FINALIZED);
    hf_function_free(in_child);
    CHECK(hf_finalize(child, 0, NULL) == HF_OK);
    CHECK(hf_subinterpreter_start(python, 0, &other) == HF_OK); /* left to the main one's end */
    finalize(python);
    CHECK(hf_attach(&scope, hf_view_of(other)) != HF_OK);
    python = start(); /* defines again only what the main one had */
    CHECK(hf_find("only_in_child", "answer", &in_child) == 404);
    finalize(python);
    return 0;
}
