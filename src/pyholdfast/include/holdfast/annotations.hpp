// holdfast/annotations.hpp: what a function says about the thread that calls it.
//
// Read by `holdfast check`; nothing for any compiler. May be included by C.
#pragma once

// Attributes only where the check reads: Clang's own -Wthread-safety does not know that guards
// nest.
#if defined(HOLDFAST_CHECK) && defined(__clang__) && defined(__cplusplus)
namespace holdfast::detail {

/// Stands for "the calling thread is attached". Named by attributes, never defined.
struct __attribute__((capability("attached thread state"))) attachment_capability {};
extern attachment_capability attachment;

}  // namespace holdfast::detail

/// Before a declaration: whoever calls the function must be attached. `holdfast check` then demands
/// it of the callers, and takes it for granted in the function. On the first line of the
/// declaration.
#define HOLDFAST_REQUIRES_ATTACHED \
    __attribute__((requires_capability(::holdfast::detail::attachment)))
#else
/// Before a declaration: whoever calls the function must be attached. `holdfast check` then demands
/// it of the callers, and takes it for granted in the function. On the first line of the
/// declaration.
#define HOLDFAST_REQUIRES_ATTACHED
#endif
