// slow_new_state.hpp: stops a thread in the middle of making its thread state, as long as a test wants.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <cstddef>

namespace slow_new_state {

inline PyMemAllocatorEx raw;
inline void (*meanwhile)() = nullptr;
inline thread_local bool is_next = false;  // set by the thread that will attach for the first time

/// CPython's allocator of raw memory, from which a new state is made.
inline void *allocate(void *, std::size_t count, std::size_t size) {
    if (is_next) {
        is_next = false;
        meanwhile();
    }
    return raw.calloc(raw.ctx, count, size);
}

/// Call it before Python starts. `what` runs once for each time that it is set, on the thread that has set `is_next`.
inline void install(void (*what)()) {
    meanwhile = what;
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &raw);
    PyMemAllocatorEx ours = raw;
    ours.calloc = &allocate;
    ours.malloc = [](void *, std::size_t size) { return allocate(nullptr, 1, size); };
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &ours);
}

}  // namespace slow_new_state
