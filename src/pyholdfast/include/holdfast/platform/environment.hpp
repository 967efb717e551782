// holdfast/platform/environment.hpp: reads environment variables, but not in a privileged process.
//
// If a program has more rights than its caller (setuid, setgid, file capabilities), holdfast
// ignores the caller's variables: a trace would write a file of the caller's choice with the
// program's rights.
#pragma once

#include <atomic>
#include <cstdlib>

#if defined(_WIN32)
#include <mutex>
#include <new>
#include <set>
#include <string>

#include <holdfast/platform/windows.hpp>
#elif !defined(__linux__)
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Whether the host started Python isolated; then no HOLDFAST_ variable counts. The thread that
/// starts Python writes it before it reads any variable. Nothing else depends on the order, so
/// relaxed is enough.
HOLDFAST_DETAIL_PRIVATE inline std::atomic<bool> is_isolated{false};

#if defined(_WIN32)
/// The variable in UTF-8: the C library would give it in the code page, which has not every letter.
/// The texts stay for good, as nobody says for how long they are used; they are few.
HOLDFAST_DETAIL_RARE inline const char *utf8_variable(const char *name) noexcept {
    static auto *const mutex = new std::mutex;
    static auto *const kept = new std::set<std::string>;
    try {
        const wchar_t *const value = _wgetenv(wide_of(name).c_str());
        if (value == nullptr)
            return nullptr;
        const std::lock_guard<std::mutex> hold(*mutex);
        return kept->insert(utf8_of(value)).first->c_str();
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}
#endif

/// UTF-8 on Windows, bytes elsewhere. Null: the variable is unset or empty, or the caller has fewer
/// rights than the program.
HOLDFAST_DETAIL_RARE inline const char *environment(const char *name) noexcept {
#if defined(__linux__)
    const char *const value = secure_getenv(name);
#elif defined(_WIN32)
    const char *const value =
        utf8_variable(name);  // no program there has more rights than its caller
#else
    const char *const value = issetugid() == 0 ? std::getenv(name) : nullptr;
#endif
    return value != nullptr && *value != '\0' ? value : nullptr;
}

/// One of holdfast's own variables, HOLDFAST_...; also null in an isolated host.
HOLDFAST_DETAIL_RARE inline const char *own_variable(const char *name) noexcept {
    return is_isolated.load(std::memory_order_relaxed) ? nullptr : environment(name);
}

}  // namespace holdfast::detail
