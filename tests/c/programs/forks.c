/* A child that was forked without Python's hooks is refused, guards or not, and exits at once. */
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    hf_interpreter *const python = start();
    const hf_view view = hf_main_view();
    hf_scope scope;
    hf_guard *guard;
    hf_function *called;
    hf_executor *executor;
    hf_value kept;
    int status;
    pid_t child;
    called = function("os", "getpid");
    CHECK(hf_eval("object()", &kept) == HF_OK);
    CHECK(hf_executor_start(view, 2, &executor) == HF_OK);
    CHECK(hf_hold(view, &guard) == HF_OK);
    child = fork();
    if (child == 0) {
        hf_guard *second;
        hf_interpreter *other;
        alarm(20);
        CHECK(hf_attach(&scope, view) == HF_FORKED);
        hf_end(&scope);
        CHECK(hf_attach_guard(&scope, guard) == HF_FORKED);
        hf_end(&scope);
        CHECK(hf_exec("1") == HF_FORKED && hf_call(called, NULL, 0, NULL) == HF_FORKED);
        CHECK(hf_hold(view, &second) == HF_FORKED && second == NULL);
        CHECK(hf_submit(executor, called, NULL, 0, NULL, NULL) == HF_FORKED);
        CHECK(hf_start(NULL, &other) == 214 && hf_finalize(python, -1, NULL) == HF_FORKED);
        hf_guard_free(guard);
        hf_value_clear(&kept);
        hf_function_free(called);
        CHECK(hf_executor_end(executor) == HF_OK);
        exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    hf_guard_free(guard);
    hf_value_clear(&kept);
    hf_function_free(called);
    CHECK(hf_executor_end(executor) == HF_OK);
    CHECK(hf_attach(&scope, view) == HF_OK);
    hf_end(&scope);
    finalize(python);
    return 0;
}
