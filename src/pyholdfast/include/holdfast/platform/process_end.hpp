// holdfast/platform/process_end.hpp: how a process ended.
#pragma once

#include <string>

#if defined(_WIN32)
#include <cstdio>
#else
#include <csignal>
#include <cstring>
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

struct process_end {
    int signal = 0;
    int exit_status = -1;
};

#if defined(_WIN32)
/// Whether an exception ended it: then its status is that of the exception, an error of the system.
inline bool has_crashed(const process_end &end) noexcept {
    const auto status = static_cast<unsigned>(end.exit_status);
    constexpr unsigned breakpoint = 0x80000003;
    return status >> 28U == 0xCU || status == breakpoint;
}

/// Nothing of the system ends a process there for its processor time.
inline bool has_used_its_time(const process_end &) noexcept { return false; }

HOLDFAST_DETAIL_COLD inline std::string text_of(const process_end &end) {
    if (!has_crashed(end))
        return "exited with status " + std::to_string(end.exit_status);
    const auto status = static_cast<unsigned>(end.exit_status);
    char text[48];
    std::snprintf(text, sizeof text, "was ended by exception 0x%08X", status);
    const char *const name = status == 0xC0000005   ? " (access violation)"
                             : status == 0xC00000FD ? " (stack overflow)"
                             : status == 0xC0000409 ? " (abort or fast fail)"
                             : status == 0xC000013A ? " (Ctrl+C or closed console)"
                             : status == 0xC0000135 ? " (a DLL was not found)"
                                                    : "";
    return std::string(text) + name;
}
#else
inline bool has_crashed(const process_end &end) noexcept { return end.signal != 0; }

inline bool has_used_its_time(const process_end &end) noexcept { return end.signal == SIGXCPU; }

HOLDFAST_DETAIL_COLD inline std::string text_of(const process_end &end) {
    if (end.signal != 0)
        return "was ended by signal " + std::to_string(end.signal) + " (" + strsignal(end.signal) +
               ")";
    if (end.exit_status >= 0)
        return "exited with status " + std::to_string(end.exit_status);
    return "ended, and other code of this process has taken its exit status";
}
#endif

}  // namespace holdfast::detail
