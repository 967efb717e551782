// c/library/posix_child.hpp: runs a command and reads what it prints.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

extern char **environ;

namespace holdfast::c {

/// Reads until the end or a deadline. False: the deadline passed.
inline bool read_all(int from, std::string &text, std::chrono::steady_clock::time_point deadline) {
    char part[2048];
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                              deadline - std::chrono::steady_clock::now())
                              .count();
        pollfd waits{from, POLLIN, 0};
        const int ready = poll(&waits, 1, left > 0 ? static_cast<int>(left) : 0);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        const ssize_t got = read(from, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        if (text.size() < (1U << 16))
            text.append(part, static_cast<std::size_t>(got));
    }
}

/// Ends that no other program inherits, not even one that another thread is just starting where the
/// system allows to make them so. False: errno says why there are none.
inline bool make_pipe(int (&ends)[2]) {
#if defined(__linux__)
    return pipe2(ends, O_CLOEXEC) == 0;
#else
    if (pipe(ends) != 0)
        return false;
    for (const int end : ends)
        fcntl(end, F_SETFD, FD_CLOEXEC);
    return true;
#endif
}

/// Runs `python -I -S -c PROGRAM` without input, and appends all that it prints.
/// \return why it did not end in time, or could not be started; "" otherwise.
inline std::string run_python(const std::string &python, const char *program, std::string &text,
                              std::chrono::seconds limit) {
    int ends[2];
    if (!make_pipe(ends))
        return std::string("no pipe: ") + std::strerror(errno);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    const char *const words[] = {python.c_str(), "-I", "-S", "-c", program, nullptr};
    pid_t child = 0;
    const int fault = posix_spawn(&child, python.c_str(), &actions, nullptr,
                                  const_cast<char *const *>(words), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (fault != 0) {
        close(ends[0]);
        return std::strerror(fault);
    }
    const bool in_time = read_all(ends[0], text, std::chrono::steady_clock::now() + limit);
    close(ends[0]);
    if (!in_time)
        kill(child, SIGKILL);
    int status = 0;
    // If the host ignores SIGCHLD, there is no status: then only the answer counts.
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return in_time ? "" : "it did not answer within " + std::to_string(limit.count()) + " s";
}

}  // namespace holdfast::c
