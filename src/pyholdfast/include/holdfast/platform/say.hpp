// holdfast/platform/say.hpp: writes holdfast's reports to stderr at once.
//
// The C library buffers stderr after a host has reopened it, as Apache does when it becomes a
// daemon. Such a host often aborts or is killed by its supervisor, and then a buffered report is
// lost: the one that says why.
#pragma once

#include <chrono>
#include <cstdarg>
#include <cstddef>
#include <cstdio>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// How often a waiting destructor reports what it waits for.
inline constexpr std::chrono::milliseconds report_interval{3000};

/// Writes to stderr like printf(), and leaves nothing in a buffer. Threads: any.
HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_PRINTF(1, 2) inline void say(const char *format,
                                                                  ...) noexcept {
    const cancellation_held_off until_said;
    std::va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fflush(stderr);
}

/// Writes to the standard error stream's descriptor, past any buffer and lock of the C library.
HOLDFAST_DETAIL_COLD inline void write_stderr(const char *text, std::size_t size) noexcept {
#if defined(_WIN32)
    [[maybe_unused]] const int written = _write(2, text, static_cast<unsigned>(size));
#else
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, size);
#endif
}

}  // namespace holdfast::detail
