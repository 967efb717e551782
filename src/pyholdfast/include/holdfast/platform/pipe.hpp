// holdfast/platform/pipe.hpp: what a child process writes.
//
// For Linux; empty elsewhere.
#pragma once

#if defined(__linux__)

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

#include <holdfast/platform/file_handle.hpp>

namespace holdfast::detail {

/// A pipe. Reading from it does not block; writing does. False: there is none (errno).
inline bool make_pipe(file_handle &reads, file_handle &writes) noexcept {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    reads = file_handle(ends[0]);
    writes = file_handle(ends[1]);
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

/// What is there now, at most `room` bytes. 0: nothing, or nobody has the other end.
inline std::size_t read_pipe(int pipe, char *to, std::size_t room) noexcept {
    ssize_t got = 0;
    do {
        got = read(pipe, to, room);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? 0 : static_cast<std::size_t>(got);
}

}  // namespace holdfast::detail

#endif
