"""What every header for C has at its top: values that are read and written, and memory for arguments.

Guarded, so that a program may include several headers.
"""

from __future__ import annotations

__all__ = ["PRELUDE"]

PRELUDE = r"""#ifndef HOLDFAST_BOUND_C
#define HOLDFAST_BOUND_C 1

#ifdef __cplusplus
#define HF_BOUND_CAST(type, value) static_cast<type>(value)
#else
#define HF_BOUND_CAST(type, value) ((type)(value))
#endif

typedef struct {
    const void *data;
    size_t size;
} hf_bound_bytes;

/* Frees text or bytes that a function has returned. */
static inline void hf_bound_text_free(const char **text) {
    hf_value value;
    memset(&value, 0, sizeof value);
    value.kind = HF_TEXT;
    value.as.text.data = *text;
    if (*text != NULL)
        hf_value_clear(&value);
    *text = NULL;
}
static inline void hf_bound_bytes_free(hf_bound_bytes *bytes) {
    const char *data = HF_BOUND_CAST(const char *, bytes->data);
    hf_bound_text_free(&data);
    bytes->data = NULL;
    bytes->size = 0;
}

/* ---- For the functions below ---- */

enum { hf_bound_deepest = 200 };

static inline hf_status hf_bound_no_memory(void) { return hf_raise("MemoryError", ""); }

static inline hf_status hf_bound_wrong(const char *where, const char *wanted,
                                       const hf_value *found) {
    static const char *const kinds[] = {"None",  "bool", "int",  "float", "str",
                                        "bytes", "list", "dict", "another object"};
    char text[300];
    snprintf(text, sizeof text, "%s: wanted %s, found %s", where, wanted,
             kinds[found->kind <= HF_OBJECT ? found->kind : HF_OBJECT]);
    return hf_raise("TypeError", text);
}

static inline hf_status hf_bound_bool_read(hf_value *from, bool *to, const char *where, int depth) {
    (void)depth;
    if (from->kind != HF_BOOL)
        return hf_bound_wrong(where, "bool", from);
    *to = from->as.boolean != 0;
    return HF_OK;
}
static inline hf_status hf_bound_int64_read(hf_value *from, int64_t *to, const char *where,
                                            int depth) {
    (void)depth;
    if (from->kind != HF_INT && from->kind != HF_BOOL)
        return hf_bound_wrong(where, "int", from);
    *to = from->kind == HF_INT ? from->as.integer : from->as.boolean;
    return HF_OK;
}
static inline hf_status hf_bound_double_read(hf_value *from, double *to, const char *where,
                                             int depth) {
    int64_t whole = 0;
    if (from->kind == HF_FLOAT) {
        *to = from->as.real;
        return HF_OK;
    }
    if (from->kind != HF_INT && from->kind != HF_BOOL)
        return hf_bound_wrong(where, "float", from);
    (void)hf_bound_int64_read(from, &whole, where, depth);
    *to = HF_BOUND_CAST(double, whole);
    return HF_OK;
}
/* The text's memory passes to the caller. */
static inline hf_status hf_bound_text_read(hf_value *from, const char **to, const char *where,
                                           int depth) {
    (void)depth;
    if (from->kind != HF_TEXT)
        return hf_bound_wrong(where, "str", from);
    if (strlen(from->as.text.data) != from->as.text.size)
        return hf_raise("ValueError", "a str that a C program gets has a NUL in it");
    *to = from->as.text.data;
    from->kind = HF_NONE;
    return HF_OK;
}
static inline hf_status hf_bound_text_optional_read(hf_value *from, const char **to,
                                                    const char *where, int depth) {
    *to = NULL;
    return from->kind == HF_NONE ? HF_OK : hf_bound_text_read(from, to, where, depth);
}
static inline hf_status hf_bound_bytes_read(hf_value *from, hf_bound_bytes *to, const char *where,
                                            int depth) {
    (void)depth;
    if (from->kind != HF_BYTES)
        return hf_bound_wrong(where, "bytes", from);
    to->data = from->as.text.data;
    to->size = from->as.text.size;
    from->kind = HF_NONE;
    return HF_OK;
}
static inline hf_status hf_bound_value_read(hf_value *from, hf_value *to, const char *where,
                                            int depth) {
    (void)where, (void)depth;
    *to = *from;
    from->kind = HF_NONE;
    return HF_OK;
}

static inline hf_value hf_bound_none_value(void) {
    hf_value value;
    memset(&value, 0, sizeof value);
    return value;
}
static inline hf_value hf_bound_bool_value(bool from) {
    hf_value value = hf_bound_none_value();
    value.kind = HF_BOOL;
    value.as.boolean = from ? 1 : 0;
    return value;
}
static inline hf_value hf_bound_int64_value(int64_t from) {
    hf_value value = hf_bound_none_value();
    value.kind = HF_INT;
    value.as.integer = from;
    return value;
}
static inline hf_value hf_bound_double_value(double from) {
    hf_value value = hf_bound_none_value();
    value.kind = HF_FLOAT;
    value.as.real = from;
    return value;
}
/* NULL is None. */
static inline hf_value hf_bound_text_value(const char *from) {
    hf_value value = hf_bound_none_value();
    if (from != NULL) {
        value.kind = HF_TEXT;
        value.as.text.data = from;
        value.as.text.size = strlen(from);
    }
    return value;
}
static inline hf_value hf_bound_bytes_value(hf_bound_bytes from) {
    hf_value value = hf_bound_none_value();
    value.kind = HF_BYTES;
    value.as.text.data = HF_BOUND_CAST(const char *, from.data);
    value.as.text.size = from.size;
    return value;
}

/* What the arguments of one call are made of. */
typedef struct hf_bound_memory {
    struct hf_bound_memory *next;
    hf_object *object;
} hf_bound_memory;

/* Room for values; NULL: there is no memory, and the error is set. */
static inline hf_value *hf_bound_values(hf_bound_memory **memory, size_t count) {
    hf_bound_memory *part = NULL;
    if (count < (SIZE_MAX - sizeof *part) / sizeof(hf_value))
        part = HF_BOUND_CAST(hf_bound_memory *, malloc(sizeof *part + count * sizeof(hf_value)));
    if (part == NULL) {
        hf_bound_no_memory();
        return NULL;
    }
    part->next = *memory;
    part->object = NULL;
    *memory = part;
    return HF_BOUND_CAST(hf_value *, HF_BOUND_CAST(void *, part + 1));
}

static inline void hf_bound_memory_free(hf_bound_memory *memory) {
    while (memory != NULL) {
        hf_bound_memory *const next = memory->next;
        hf_object_free(memory->object);
        free(memory);
        memory = next;
    }
}

/* Calls a class by name; the object that it makes lives as long as `memory`. */
static inline hf_status hf_bound_make(hf_function *type, const char *const *names,
                                      const hf_value *fields, size_t count, hf_value *to,
                                      hf_bound_memory **memory) {
    hf_status status;
    if (hf_bound_values(memory, 0) == NULL)
        return HF_PYTHON_ERROR;
    status = hf_call_named(type, NULL, 0, names, fields, count, -1, to);
    if (status == HF_OK && to->kind == HF_OBJECT) {
        (*memory)->object = to->as.object;
    } else if (status == HF_OK) {
        hf_value_clear(to);
        status = hf_raise("TypeError", "an object of this class arrives in C as a plain value");
    }
    return status;
}

#endif /* HOLDFAST_BOUND_C */
"""
