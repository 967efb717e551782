// holdfast/annotations.hpp: annotations that say which functions need an attached thread.
//
// `holdfast check` reads them; for a compiler they are empty. C code may include this file.
#pragma once

// Only `holdfast check` sees the attributes: Clang's own -Wthread-safety does not know that guards
// nest.
#if defined(HOLDFAST_CHECK) && defined(__clang__) && defined(__cplusplus)
namespace holdfast::detail {

/// Stands for "the calling thread is attached". Attributes name it; it is never defined.
struct __attribute__((capability("attached thread state"))) attachment_capability {};
extern attachment_capability attachment;

}  // namespace holdfast::detail

/// Put this on the first line of a declaration: the calling thread must be attached. `holdfast
/// check` then requires that of each caller and assumes it inside the function.
#define HOLDFAST_REQUIRES_ATTACHED \
    __attribute__((requires_capability(::holdfast::detail::attachment)))
#else
/// Put this on the first line of a declaration: the calling thread must be attached. `holdfast
/// check` then requires that of each caller and assumes it inside the function.
#define HOLDFAST_REQUIRES_ATTACHED
#endif
