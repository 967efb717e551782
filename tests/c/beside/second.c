/* A library that contains libholdfast itself: a second copy in the process. */
#include <holdfast/holdfast.h>

__attribute__((visibility("default"))) int second_calls(hf_view view);
int second_calls(hf_view view) {
    hf_scope scope;
    hf_value value;
    const hf_status status = hf_attach(&scope, view);
    if (status != HF_OK)
        return status != hf_last_code() ? -1 : status;
    if (hf_eval("6 * 7", &value) != HF_OK || value.kind != HF_INT)
        return -2;
    hf_end(&scope);
    return (int)value.as.integer;
}
