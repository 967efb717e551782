#include "bridge.h"

#include "_cgo_export.h"

static hf_status call_go(void *handle, const hf_value *args, size_t count, hf_value *result) {
    return callGo((uintptr_t)handle, (hf_value *)args, count, result);
}

hf_status bridge_define(const char *module, const char *name, uintptr_t handle) {
    return hf_define(module, name, call_go, (void *)handle);
}
