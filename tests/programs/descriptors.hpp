// descriptors.hpp: pipes and the standard error stream, by descriptors of the C library.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <unistd.h>  // mingw-w64 has one, with all but pipe()

#include "check.hpp"

#if defined(_WIN32)
#include <io.h>

extern "C" __declspec(dllimport) int __stdcall SetHandleInformation(void *, unsigned long,
                                                                    unsigned long);

/// Keeps the system's handle behind a descriptor when that becomes another file. Python has a C
/// library of its own, whose descriptor of that number still stands for this handle; up to 3.11 it
/// does not start if its stderr has been closed. Does nothing if there is no such file.
inline void keep_handle_of(int descriptor) {
    constexpr unsigned long protect_from_close = 2;
    void *const handle = reinterpret_cast<void *>(_get_osfhandle(descriptor));
    SetHandleInformation(handle, protect_from_close, protect_from_close);
}
#else
inline void keep_handle_of(int) {}
#endif

/// The two ends of a pipe.
struct pipe_ends {
    int reading = -1;
    int writing = -1;
};

inline pipe_ends make_pipe() {
    int ends[2];
#if defined(_WIN32)
    CHECK(_pipe(ends, 65536, _O_BINARY | _O_NOINHERIT) == 0);
#else
    CHECK(pipe(ends) == 0);
#endif
    return {ends[0], ends[1]};
}

/// What can be read now or comes next; empty: the other end is closed.
inline std::string read_some(int descriptor) {
    char part[4096];
    const auto size = read(descriptor, part, sizeof part);
    CHECK(size >= 0);
    return std::string(part, static_cast<std::size_t>(size));
}

/// While this lives, stderr of the process and of its children is a pipe.
class captured_stderr {
public:
    captured_stderr() : before_(dup(STDERR_FILENO)) {
        const pipe_ends ends = make_pipe();
        std::fflush(stderr);
        keep_handle_of(STDERR_FILENO);
        CHECK(dup2(ends.writing, STDERR_FILENO) >= 0);
        close(ends.writing);
        reading_ = ends.reading;
    }
    captured_stderr(const captured_stderr &) = delete;
    captured_stderr &operator=(const captured_stderr &) = delete;
    ~captured_stderr() {
        restore();
        close(reading_);
    }

    /// What is written next; empty: nobody has the pipe's other end any longer.
    [[nodiscard]] std::string some() const { return read_some(reading_); }

    /// stderr is again what it was; so some() comes to an end.
    void restore() {
        if (before_ < 0)
            return;
        std::fflush(stderr);
        CHECK(dup2(before_, STDERR_FILENO) >= 0);
        close(before_);
        before_ = -1;
    }

    /// Everything: at most as much as a pipe holds.
    [[nodiscard]] std::string all() {
        restore();
        std::string text;
        for (std::string part; !(part = some()).empty();)
            text += part;
        return text;
    }

private:
    int before_ = -1;
    int reading_ = -1;
};
