// holdfast/platform/environment.hpp: variables that decide about this process, unless they must not.
//
// In a program that runs with more rights than its caller (setuid, setgid, file capabilities), the
// caller's variables say nothing: a trace would write a file of the caller's choice with the
// program's rights.
#pragma once

#include <atomic>
#include <cstdlib>

#if !defined(__linux__)
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Whether the host has started Python isolated: no HOLDFAST_ variable counts then. Written by the
/// thread that starts Python, before it reads any; alone, so relaxed is enough.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<bool> is_isolated{false};

/// Null: not set, empty, or of a caller with fewer rights.
HOLDFAST_DETAIL_COLD inline const char *environment(const char *name) noexcept {
#if defined(__linux__)
    const char *const value = secure_getenv(name);
#else
    const char *const value = issetugid() == 0 ? std::getenv(name) : nullptr;
#endif
    return value != nullptr && *value != '\0' ? value : nullptr;
}

/// One of holdfast's own, HOLDFAST_...; null, besides, in an isolated host.
HOLDFAST_DETAIL_COLD inline const char *own_variable(const char *name) noexcept {
    return is_isolated.load(std::memory_order_relaxed) ? nullptr : environment(name);
}

}  // namespace holdfast::detail
