/* The same in C. */
#include <holdfast/holdfast.h>

#include <stdio.h>

int main(void) {
    hf_interpreter *python;
    hf_function *facts;
    hf_value text;
    if (hf_start(NULL, &python) != HF_OK || hf_find("facts", "facts", &facts) != HF_OK ||
        hf_call(facts, NULL, 0, &text) != HF_OK) {
        printf("HF%d %s\n", hf_last_code(), hf_last_message());
        return 1;
    }
    printf("%.*s\n", (int)text.as.text.size, text.as.text.data);
    hf_value_clear(&text);
    hf_function_free(facts);
    return hf_finalize(python, -1, NULL) == HF_OK ? 0 : 1;
}
