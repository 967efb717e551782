// holdfast/platform/process.hpp: this process: its number, its forks, its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cwchar>

#if defined(_WIN32)
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/windows_processes.hpp>
#define HOLDFAST_DETAIL_HAS_FORK 0
#else
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <crt_externs.h>
#endif
#define HOLDFAST_DETAIL_HAS_FORK 1
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

/// In a forked child another one than in its parent.
inline std::int64_t process_number() noexcept {
#if defined(_WIN32)
    return static_cast<std::int64_t>(GetCurrentProcessId());
#else
    return getpid();
#endif
}

#if HOLDFAST_DETAIL_HAS_FORK
/// Has these functions called at each fork from now on; null: none. The code around them must stay
/// loaded (pin_library).
inline void at_fork(void (*before)(), void (*in_parent)(), void (*in_child)()) noexcept {
    pthread_atfork(before, in_parent, in_child);
}
#endif

/// The resident memory of a process; 0 if it has ended, or the system does not say.
HOLDFAST_DETAIL_RARE inline std::size_t resident_bytes(int process) noexcept {
#if defined(__linux__)
    const cancellation_held_off until_closed;
    char path[48];
    std::snprintf(path, sizeof path, "/proc/%d/statm", process);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    char text[128] = "";
    const bool there = read(file, text, sizeof text - 1) > 0;
    close(file);
    unsigned long long all = 0;
    unsigned long long resident = 0;
    return there && std::sscanf(text, "%llu %llu", &all, &resident) == 2
               ? static_cast<std::size_t>(resident) *
                     static_cast<std::size_t>(sysconf(_SC_PAGESIZE))
               : 0;
#elif defined(_WIN32)
    struct {  // PROCESS_MEMORY_COUNTERS
        unsigned long size, page_faults;
        std::size_t most, now, more[6];
    } counters{};
    static_assert(sizeof counters == 72, "as <psapi.h> has it");
    constexpr unsigned long query = 0x1000;  // PROCESS_QUERY_LIMITED_INFORMATION
    const file_handle there(OpenProcess(query, 0, static_cast<unsigned long>(process)));
    counters.size = sizeof counters;
    return there && K32GetProcessMemoryInfo(there.get(),
                                            reinterpret_cast<_PROCESS_MEMORY_COUNTERS *>(&counters),
                                            sizeof counters) != 0
               ? counters.now
               : 0;
#else
    (void)process;
    return 0;
#endif
}

/// Copies the words of this process's command line, each ended by a NUL, as far as there is room.
/// On Windows it is one word, as that system keeps it. The buffer's last byte stays zero.
HOLDFAST_DETAIL_RARE inline void copy_command_line(char *to, std::size_t size) noexcept {
    std::memset(to, 0, size);
#if defined(_WIN32)
    const wchar_t *const line = GetCommandLineW();
    const int units = static_cast<int>(std::wcslen(line));
    for (int used = units; used > 0; used /= 2)  // a line that is too long is cut
        if (WideCharToMultiByte(utf8_code_page, 0, line, used, to, static_cast<int>(size) - 1,
                                nullptr, nullptr) > 0)
            return;
    to[0] = '\0';
#elif defined(__APPLE__)
    std::size_t used = 0;
    for (char *const *word = *_NSGetArgv(); *word != nullptr && used + 1 < size; ++word) {
        const std::size_t length = strnlen(*word, size - used - 2);
        std::memcpy(to + used, *word, length);
        used += length + 1;
    }
#else
    const cancellation_held_off until_closed;
    const int words = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (words < 0)
        return;
    if (read(words, to, size - 1) < 0)
        to[0] = '\0';
    close(words);
#endif
}

}  // namespace holdfast::detail
