/* NULL where a function needs a pointer is an error, before the start, while Python runs and after its end. */
#include "check.h"

static hf_status nothing(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    return HF_OK;
}

static void check_outputs(void) {
    hf_interpreter *python;
    hf_function *called;
    hf_object *object;
    hf_executor *executor;
    hf_guard *guard;
    CHECK(hf_start(NULL, NULL) == 269 && hf_adopt(NULL) == 269);
    CHECK(hf_subinterpreter_start(NULL, 0, NULL) == 269);
    CHECK(hf_subinterpreter_start(NULL, 0, &python) != HF_OK && python == NULL);
    CHECK(hf_hold(hf_main_view(), NULL) == 269 && hf_find("os", "getpid", NULL) == 269);
    CHECK(hf_find(NULL, "getpid", &called) != HF_OK && called == NULL);
    CHECK(hf_find("os", NULL, &called) != HF_OK && called == NULL);
    CHECK(hf_object_function(NULL, NULL, NULL) == 269 && hf_object_wrap(NULL, NULL) == 269);
    CHECK(hf_object_wrap(NULL, &object) != HF_OK && object == NULL);
    CHECK(hf_memory(NULL, 1, 0, NULL, NULL, NULL) == 269);
    CHECK(hf_callable(nothing, NULL, NULL, NULL) == 269);
    CHECK(hf_callable(NULL, NULL, NULL, &object) != HF_OK && object == NULL);
    CHECK(hf_executor_start(hf_main_view(), 1, NULL) == 269);
    CHECK(hf_executor_start(hf_view_of(NULL), 1, &executor) == 201 && executor == NULL);
    CHECK(hf_hold(hf_view_of(NULL), &guard) == 201 && guard == NULL);
}

static void check_negative_counts(void) {
    const char *const names[] = {"x"};
    const hf_value argument = integer(1);
    hf_value value = integer(1);
    hf_function *function = NULL;
    CHECK(hf_find("builtins", "abs", &function) == HF_OK);
    CHECK(hf_call(function, &argument, (size_t)-1, &value) == 269 && value.kind == HF_NONE);
    CHECK(hf_call_named(function, &argument, (size_t)-1, NULL, NULL, 0, -1, &value) == 269);
    CHECK(hf_call_named(function, &argument, 1, names, &argument, (size_t)-1, -1, &value) == 269);
    hf_function_free(function);
}

static void check_inputs(void) {
    hf_value value = integer(1);
    hf_buffer buffer;
    hf_scope scope;
    CHECK(hf_attach(NULL, hf_main_view()) == 269 && hf_detach(NULL) == 269);
    CHECK(hf_attach_guard(NULL, NULL) == 269 && hf_attach_guard(&scope, NULL) != HF_OK);
    hf_end(&scope);
    CHECK(hf_with(hf_main_view(), NULL, NULL) != HF_OK);
    CHECK(hf_exec(NULL) != HF_OK && hf_eval(NULL, NULL) != HF_OK);
    CHECK(hf_call(NULL, NULL, 0, &value) != HF_OK && value.kind == HF_NONE);
    value = integer(1);
    CHECK(hf_call_named(NULL, NULL, 0, NULL, NULL, 0, -1, &value) != HF_OK);
    CHECK(value.kind == HF_NONE);
    CHECK(hf_value_copy(NULL, &value) == 269 && hf_value_copy(&value, NULL) == 269);
    CHECK(hf_object_get(NULL, NULL, &value) != HF_OK && hf_object_set(NULL, NULL, NULL) != HF_OK);
    CHECK(hf_object_text(NULL, NULL) != HF_OK && hf_object_pointer(NULL) == NULL);
    CHECK(hf_buffer_get(NULL, 0, NULL) == 269 && hf_buffer_get(NULL, 0, &buffer) != HF_OK);
    hf_buffer_release(&buffer);
    CHECK(hf_define(NULL, "f", nothing, NULL) == 269 && hf_define("m", NULL, nothing, NULL) == 269);
    CHECK(hf_define("m", "f", NULL, NULL) == 269);
    CHECK(hf_raise(NULL, NULL) == HF_PYTHON_ERROR);
    CHECK(hf_submit(NULL, NULL, NULL, 0, NULL, NULL) != HF_OK);
    CHECK(hf_redirect_output(NULL, NULL, NULL) != HF_OK && hf_reopen(NULL) != HF_OK);
    CHECK(hf_finalize(NULL, 0, NULL) != HF_OK);
    CHECK(hf_finalize_interrupting(NULL, 0, 0, NULL) != HF_OK);
}

static void check_frees(void) {
    hf_report_free(NULL);
    hf_guard_free(NULL);
    hf_function_free(NULL);
    hf_value_clear(NULL);
    hf_object_free(NULL);
    hf_buffer_release(NULL);
    hf_end(NULL);
    CHECK(hf_executor_end(NULL) == HF_OK && hf_object_keep(NULL) == NULL);
    CHECK(hf_report_count(NULL) == 0 && hf_report_thread(NULL, 0) == 0);
    CHECK(hf_report_text(NULL)[0] == '\0' && hf_report_where(NULL, 0)[0] == '\0');
}

static void check_all(void) {
    check_outputs();
    check_inputs();
    check_frees();
}

int main(void) {
    hf_interpreter *python;
    check_all();
    python = start();
    check_all();
    check_negative_counts();
    finalize(python);
    check_all();
    return 0;
}
