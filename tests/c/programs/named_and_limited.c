/* Arguments by name, and a call that is interrupted when its time is over. */
#include "check.h"

int main(void) {
    hf_interpreter *const python = start();
    const char *const names[] = {"c", "d"}, *const no_names[] = {"c", NULL};
    hf_value args[2], named[2], result;
    hf_function *call, *endless;

    CHECK(hf_exec("def call(a, b=2, *, c=3, d=4): return [a, b, c, d]\n"
                  "def endless():\n"
                  "    while True: pass") == HF_OK);
    call = function("__main__", "call");
    endless = function("__main__", "endless");
    args[0] = integer(1);
    named[0] = integer(30);
    named[1] = text("forty");
    CHECK(hf_call_named(call, args, 1, names, named, 2, -1, &result) == HF_OK);
    CHECK(result.as.list.count == 4 && result.as.list.items[1].as.integer == 2);
    CHECK(result.as.list.items[2].as.integer == 30 && is_text(&result.as.list.items[3], "forty"));
    hf_value_clear(&result);
    CHECK(hf_call_named(call, args, 1, NULL, NULL, 0, 60000, &result) == HF_OK);
    hf_value_clear(&result);
    CHECK(hf_call_named(call, NULL, 0, names, named, 2, -1, &result) == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "TypeError") == 0);
    CHECK(hf_call_named(call, NULL, 1, NULL, NULL, 0, -1, &result) == 269);
    CHECK(hf_call_named(call, args, 1, NULL, named, 1, -1, &result) == 269);
    CHECK(hf_call_named(call, args, 1, no_names, named, 2, -1, &result) == 269);
    CHECK(hf_call_named(call, args, 1, NULL, NULL, 0, INT64_MAX, &result) == HF_OK);
    hf_value_clear(&result);
    CHECK(hf_call_named(endless, NULL, 0, NULL, NULL, 0, 50, &result) == 222);
    CHECK(result.kind == HF_NONE && strstr(hf_last_traceback(), "endless") != NULL);
    CHECK(hf_call(call, args, 1, &result) == HF_OK); /* and nothing is left of it */
    hf_value_clear(&result);
    CHECK(hf_find("no_such_module", "x", &call) == 404 && call == NULL);
    CHECK(hf_find("os", "no_such_function", &call) == 404);
    CHECK(hf_find("os", "sep", &call) == 405);
    CHECK(strstr(hf_last_message(), "hf_eval()") != NULL); /* not a function of C++ */
    CHECK(hf_find("os", "path.join", &call) == HF_OK);
    hf_function_free(call);
    hf_function_free(NULL);
    CHECK(hf_exec("raise SystemExit(3)") == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "SystemExit") == 0);
    CHECK(hf_exec("if") == HF_PYTHON_ERROR && strcmp(hf_last_type(), "SyntaxError") == 0);
    hf_function_free(endless);
    finalize(python);
    return 0;
}
