// holdfast/platform/pipe.hpp: what a child process writes.
//
// For Linux and Windows; empty elsewhere.
#pragma once

#if defined(_WIN32)

#include <holdfast/platform/pipe_windows.hpp>

#elif defined(__linux__)

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

#include <holdfast/platform/file_handle.hpp>

namespace holdfast::detail {

/// The end of a pipe that this process reads, without waiting.
class pipe_reader {
public:
    /// False: there is none (errno). \param writes  the other end, which blocks.
    [[nodiscard]] bool open(file_handle &writes) noexcept {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            return false;
        pipe_ = file_handle(ends[0]);
        writes = file_handle(ends[1]);
        return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
    }

    /// For event_queue: something may be there.
    [[nodiscard]] int descriptor() const noexcept { return pipe_.get(); }

    /// What is there now, at most `room` bytes. 0: nothing, or nobody has the other end.
    std::size_t read(char *to, std::size_t room) noexcept {
        ssize_t got = 0;
        do {
            got = ::read(pipe_.get(), to, room);
        } while (got < 0 && errno == EINTR);
        return got < 0 ? 0 : static_cast<std::size_t>(got);
    }

private:
    file_handle pipe_;
};

}  // namespace holdfast::detail

#endif
