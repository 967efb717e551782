// holdfast/platform/thread_activity.hpp: what a thread of this process is doing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>

#if defined(__linux__)
#include <sys/syscall.h>
#elif defined(__APPLE__)
#include <libproc.h>
#include <mach/thread_info.h>
#include <sys/proc_info.h>
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/memory.hpp>

namespace holdfast::detail {

/// The system call in which a thread sleeps, with its first argument. -1: it does not sleep in one,
/// or the system does not say.
struct blocking_call {
    long number = -1;
    std::uint64_t argument = 0;
};

/// What a thread is doing according to the kernel: 'R' running or ready, 'S' asleep, '?' unknown.
struct thread_activity {
    char state = '?';
    blocking_call call;
};

/// The system call in which a thread waits for a lock.
#if defined(__linux__) && defined(SYS_futex)
inline constexpr long lock_call = SYS_futex;
#else
inline constexpr long lock_call = -2;
#endif

#if defined(__linux__)
/// A file in which the kernel describes a thread of this process; null: it has ended, or there is no
/// /proc.
HOLDFAST_DETAIL_RARE inline std::FILE *open_about_thread(std::uint64_t native_id,
                                                         const char *name) noexcept {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/self/task/%llu/%s",
                  static_cast<unsigned long long>(native_id), name);
    return std::fopen(path, "re");
}
#endif

/// The kernel looks at one moment: the thread sleeps there, or the call is -1.
HOLDFAST_DETAIL_RARE inline blocking_call blocking_call_of(std::uint64_t native_id) noexcept {
    blocking_call found;
#if defined(__linux__)
    if (std::FILE *const file = open_about_thread(native_id, "syscall")) {
        unsigned long long argument = 0;
        if (std::fscanf(file, "%ld %llx", &found.number, &argument) < 1)
            found.number = -1;
        found.argument = argument;
        std::fclose(file);
    }
#else
    (void)native_id;
#endif
    return found;
}

HOLDFAST_DETAIL_RARE inline thread_activity activity_of(std::uint64_t native_id) noexcept {
    thread_activity found;
#if defined(__linux__)
    if (std::FILE *const file = open_about_thread(native_id, "stat")) {
        char text[256] = "";
        const std::size_t got = std::fread(text, 1, sizeof text - 1, file);
        text[got] = '\0';
        const char *const after = std::strrchr(text, ')');
        if (after != nullptr && after[1] == ' ')
            found.state = after[2];
        std::fclose(file);
    }
    found.call = blocking_call_of(native_id);
#elif defined(__APPLE__)
    proc_threadinfo known{};
    if (proc_pidinfo(getpid(), PROC_PIDTHREADID64INFO, native_id, &known, sizeof known) > 0)
        found.state = known.pth_run_state == TH_STATE_RUNNING ? 'R' : 'S';
#else
    (void)native_id;
#endif
    return found;
}

/// How often a thread of this process has gone to sleep; 0: the system does not say.
HOLDFAST_DETAIL_RARE inline std::uint64_t times_asleep(std::uint64_t native_id) noexcept {
    unsigned long long times = 0;
#if defined(__linux__)
    if (std::FILE *const file = open_about_thread(native_id, "status")) {
        char line[128];
        while (std::fgets(line, sizeof line, file) != nullptr)
            if (std::sscanf(line, "voluntary_ctxt_switches: %llu", &times) == 1)
                break;
        std::fclose(file);
    }
#else
    (void)native_id;
#endif
    return times;
}

/// The number of the thread that has the pthread_mutex_t, e.g. of a std::mutex, for which a thread
/// waits. 0: it waits for something else, or the C library's mutexes have another form.
HOLDFAST_DETAIL_RARE inline std::uint64_t owner_of_awaited_mutex(
    const thread_activity &now) noexcept {
#if defined(__GLIBC__)
    struct head_of_mutex {
        int lock;
        unsigned count;
        int owner;
    } found{};
    if (now.state == 'S' && now.call.number == lock_call &&
        read_memory_safely(
            &found, reinterpret_cast<const void *>(static_cast<std::uintptr_t>(now.call.argument)),
            sizeof found) &&
        found.lock != 0 && found.owner > 0)
        return static_cast<std::uint64_t>(found.owner);
#else
    (void)now;
#endif
    return 0;
}

}  // namespace holdfast::detail
