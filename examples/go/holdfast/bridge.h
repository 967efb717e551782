/* What the Go wrapper needs of C: cgo cannot take the address of an exported Go function. */
#ifndef BRIDGE_H
#define BRIDGE_H

#include <holdfast/holdfast.h>

/* hf_define() for a Go function. `handle` is a runtime/cgo.Handle, as Python may keep it. */
hf_status bridge_define(const char *module, const char *name, uintptr_t handle);

#endif
