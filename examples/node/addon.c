/* A Node.js addon: JavaScript calls Python functions, which run on threads of holdfast's.
 *
 * The event loop never waits for Python: a call is submitted to an executor, and returns a promise
 * that is settled on the event loop's thread. */
#include <holdfast/holdfast.h>
#include <node_api.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARGUMENTS = 16, LIMIT_MS = 5000 };

static hf_interpreter *python;
static hf_executor *executor;
static napi_threadsafe_function settle; /* hands a finished task to the event loop */
static size_t unsettled;                /* event loop's thread only */

typedef struct {
    napi_deferred promise;
    hf_status status;
    hf_value result;
    char *message;
} task;

/* ---- JavaScript values to Python's, and back ---- */

/* Text is copied into `*owned`, which the caller frees. False: another type. */
static bool from_js(napi_env env, napi_value value, hf_value *to, char **owned) {
    napi_valuetype type;
    napi_typeof(env, value, &type);
    *owned = NULL;
    if (type == napi_number) {
        to->kind = HF_FLOAT;
        napi_get_value_double(env, value, &to->as.real);
    } else if (type == napi_string) {
        napi_get_value_string_utf8(env, value, NULL, 0, &to->as.text.size);
        *owned = malloc(to->as.text.size + 1);
        if (*owned == NULL)
            return false;
        napi_get_value_string_utf8(env, value, *owned, to->as.text.size + 1, &to->as.text.size);
        to->kind = HF_TEXT;
        to->as.text.data = *owned;
    } else if (type == napi_null || type == napi_undefined) {
        to->kind = HF_NONE;
    } else {
        return false;
    }
    return true;
}

static napi_value to_js(napi_env env, const hf_value *value) {
    napi_value made = NULL;
    switch (value->kind) {
    case HF_NONE:
        napi_get_null(env, &made);
        break;
    case HF_BOOL:
        napi_get_boolean(env, value->as.boolean != 0, &made);
        break;
    case HF_INT:
        napi_create_int64(env, value->as.integer, &made);
        break;
    case HF_FLOAT:
        napi_create_double(env, value->as.real, &made);
        break;
    case HF_TEXT:
        napi_create_string_utf8(env, value->as.text.data, value->as.text.size, &made);
        break;
    case HF_LIST:
        napi_create_array_with_length(env, value->as.list.count, &made);
        for (size_t i = 0; i < value->as.list.count; i++)
            napi_set_element(env, made, (uint32_t)i, to_js(env, &value->as.list.items[i]));
        break;
    default: /* bytes, dict and objects are left out of this example */
        napi_get_undefined(env, &made);
    }
    return made;
}

static napi_value error_of(napi_env env, hf_status status, const char *message) {
    napi_value text, error, code;
    napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text);
    napi_create_error(env, NULL, text, &error);
    napi_create_int32(env, status, &code);
    napi_set_named_property(env, error, "code", code);
    return error;
}

/* ---- Tasks ---- */

/* On the event loop's thread. */
static void settle_on_loop(napi_env env, napi_value unused, void *context, void *data) {
    task *one = data;
    (void)unused, (void)context;
    if (env != NULL) { /* NULL: the process ends */
        if (one->status == HF_OK)
            napi_resolve_deferred(env, one->promise, to_js(env, &one->result));
        else
            napi_reject_deferred(env, one->promise, error_of(env, one->status, one->message));
        if (--unsettled == 0)
            napi_unref_threadsafe_function(env, settle);
    }
    hf_value_clear(&one->result);
    free(one->message);
    free(one);
}

/* On a worker, detached. The result is borrowed, hence the copy. */
static void done(void *user, hf_status status, const hf_value *result) {
    task *one = user;
    one->status = status == HF_OK ? hf_value_copy(result, &one->result) : status;
    one->message = one->status == HF_OK ? NULL : strdup(hf_last_message());
    napi_call_threadsafe_function(settle, one, napi_tsfn_blocking);
}

/* The JavaScript function that find() returns; its data is the Python function. */
static napi_value call(napi_env env, napi_callback_info info) {
    napi_value given[MOST_ARGUMENTS], promise;
    hf_value arguments[MOST_ARGUMENTS];
    char *owned[MOST_ARGUMENTS];
    size_t count = MOST_ARGUMENTS, read = 0;
    void *function;
    napi_get_cb_info(env, info, &count, given, NULL, &function);
    while (read < count && read < MOST_ARGUMENTS &&
           from_js(env, given[read], &arguments[read], &owned[read]))
        read++;
    task *one = read == count ? calloc(1, sizeof *one) : NULL;
    if (one == NULL) {
        napi_throw_type_error(env, NULL, "pass at most 16 numbers, strings and nulls");
        promise = NULL;
    } else {
        napi_create_promise(env, &one->promise, &promise);
        hf_status status = hf_submit(executor, function, arguments, count, done, one);
        if (status == HF_OK) {
            if (unsettled++ == 0)
                napi_ref_threadsafe_function(env, settle); /* the loop runs until it is settled */
        } else { /* a late call: it was refused, and `done` is not called */
            napi_reject_deferred(env, one->promise, error_of(env, status, hf_last_message()));
            free(one);
        }
    }
    for (size_t i = 0; i < read; i++)
        free(owned[i]);
    return promise;
}

/* find(module, name): imports the module now, on this thread. */
static napi_value find(napi_env env, napi_callback_info info) {
    napi_value given[2], made = NULL;
    char module[256], name[256];
    size_t count = 2;
    hf_function *function;
    napi_get_cb_info(env, info, &count, given, NULL, NULL);
    if (count != 2 ||
        napi_get_value_string_utf8(env, given[0], module, sizeof module, NULL) != napi_ok ||
        napi_get_value_string_utf8(env, given[1], name, sizeof name, NULL) != napi_ok)
        napi_throw_type_error(env, NULL, "find(module, name) takes two strings");
    else if (hf_find(module, name, &function) != HF_OK)
        napi_throw(env, error_of(env, hf_last_code(), hf_last_message()));
    else /* lives as long as the process */
        napi_create_function(env, name, NAPI_AUTO_LENGTH, call, function, &made);
    return made;
}

/* end(): waits for what was submitted; later calls are refused. */
static napi_value end(napi_env env, napi_callback_info info) {
    hf_report *report;
    (void)info;
    hf_status status = hf_finalize(python, LIMIT_MS, &report);
    if (status != HF_OK)
        napi_throw(env, error_of(env, status, report ? hf_report_text(report) : hf_last_message()));
    hf_report_free(report);
    return NULL;
}

static napi_value start(napi_env env, napi_value exports) {
    napi_value name;
    napi_property_descriptor functions[] = {
        {"find", NULL, find, NULL, NULL, NULL, napi_enumerable, NULL},
        {"end", NULL, end, NULL, NULL, NULL, napi_enumerable, NULL},
    };
    if (hf_start(NULL, &python) != HF_OK ||
        hf_executor_start(hf_view_of(python), 2, &executor) != HF_OK) {
        napi_throw(env, error_of(env, hf_last_code(), hf_last_message()));
        return NULL;
    }
    napi_create_string_utf8(env, "holdfast", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, settle_on_loop,
                                    &settle);
    napi_unref_threadsafe_function(env, settle);
    napi_define_properties(env, exports, 2, functions);
    return exports;
}

NAPI_MODULE(holdfast, start)
