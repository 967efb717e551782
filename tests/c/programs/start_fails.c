/* If a function cannot be added, hf_start() says which error that was, whatever fails in the end that follows. */
#include "check.h"

static int calls;

/* Python calls it at its end. */
static hf_status fails(void *user, const hf_value *args, size_t count, hf_value *result) {
    (void)user, (void)args, (void)count, (void)result;
    ++calls;
    CHECK(hf_exec("raise KeyError('at the end')") != HF_OK);
    return HF_OK;
}

int main(void) {
    hf_interpreter *python;
    CHECK(hf_define("threading", "_shutdown", fails, NULL) == HF_OK);
    CHECK(hf_define("threading", "not UTF-8: \xff", fails, NULL) == HF_OK);
    CHECK(hf_start(NULL, &python) == HF_PYTHON_ERROR && python == NULL);
    CHECK(calls == 1);
    CHECK(hf_last_code() == HF_PYTHON_ERROR);
    CHECK(strcmp(hf_last_type(), "UnicodeDecodeError") == 0);
    CHECK(strstr(hf_last_message(), "0xff") != NULL);
    return 0;
}
