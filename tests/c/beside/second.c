/* A library that contains libholdfast itself: a second copy in the process. */
#include <holdfast/holdfast.h>

/* Each of them can be the first call of this copy. */
__attribute__((visibility("default"))) int second_begins(int how, hf_interpreter *python,
                                                         hf_scope *scope, hf_value *object);
int second_begins(int how, hf_interpreter *python, hf_scope *scope, hf_value *object) {
    switch (how) {
    case 0:
        hf_end(scope);
        return 1;
    case 1:
        hf_value_clear(object);
        return 1;
    case 2:
        hf_object_free(object->as.object);
        return 1;
    case 3:
        return hf_view_of(python).record != NULL;
    case 4:
        return hf_python_version()[0] == '3';
    case 5:
        hf_object_free(hf_object_keep(object->as.object));
        return 1;
    default:
        return hf_raise("ValueError", "from the second copy");
    }
}

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
