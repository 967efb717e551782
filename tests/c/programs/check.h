/* What the programs share: a check that names the line, and shorter values. */
#ifndef CHECK_H
#define CHECK_H

#include <holdfast/holdfast.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                    \
    do {                                                                                    \
        if (!(condition)) {                                                                 \
            fprintf(stderr, "%s:%d: %s\n  last: HF%d %s\n", __FILE__, __LINE__, #condition, \
                    hf_last_code(), hf_last_message());                                     \
            exit(1);                                                                        \
        }                                                                                   \
    } while (0)

#if defined(__GNUC__)
#define MAYBE_UNUSED __attribute__((unused))
#else
#define MAYBE_UNUSED
#endif

MAYBE_UNUSED static hf_value integer(int64_t number) {
    hf_value value;
    memset(&value, 0, sizeof value);
    value.kind = HF_INT;
    value.as.integer = number;
    return value;
}

MAYBE_UNUSED static hf_value text(const char *its) {
    hf_value value;
    memset(&value, 0, sizeof value);
    value.kind = HF_TEXT;
    value.as.text.data = its;
    value.as.text.size = strlen(its);
    return value;
}

MAYBE_UNUSED static int is_text(const hf_value *value, const char *its) {
    return value->kind == HF_TEXT && value->as.text.size == strlen(its) &&
           strcmp(value->as.text.data, its) == 0;
}

/* The integer that an expression has. */
MAYBE_UNUSED static int64_t number_of(const char *expression) {
    hf_value value;
    CHECK(hf_eval(expression, &value) == HF_OK);
    CHECK(value.kind == HF_INT);
    return value.as.integer;
}

MAYBE_UNUSED static hf_interpreter *start(void) {
    hf_interpreter *python = NULL;
    CHECK(hf_start(NULL, &python) == HF_OK);
    CHECK(python != NULL);
    return python;
}

MAYBE_UNUSED static void finalize(hf_interpreter *python) {
    CHECK(hf_finalize(python, 20000, NULL) == HF_OK);
}

MAYBE_UNUSED static hf_function *function(const char *module, const char *name) {
    hf_function *found = NULL;
    CHECK(hf_find(module, name, &found) == HF_OK);
    return found;
}

#endif
