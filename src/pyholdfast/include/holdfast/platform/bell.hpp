// holdfast/platform/bell.hpp: wakes a thread of this or another process.
//
// For Linux and Windows; empty elsewhere.
#pragma once

#if defined(__linux__) || defined(_WIN32)

#if defined(_WIN32)
#include <holdfast/platform/windows_processes.hpp>
#else
#include <cerrno>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#endif

#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
/// An event that is reset by who waits for it. Another process that has its handle can ring it, but
/// cannot make this one block.
class bell {
public:
    bell() noexcept : file_(CreateEventW(nullptr, 0, 0, nullptr)) {}

    explicit operator bool() const noexcept { return static_cast<bool>(file_); }
    [[nodiscard]] system_handle descriptor() const noexcept { return file_.get(); }

    void ring() const noexcept { SetEvent(file_.get()); }
    void wait() const noexcept { WaitForSingleObject(file_.get(), for_ever); }

private:
    file_handle file_;
};
#else
/// An eventfd: each write is an event for the event_queue that watches it. Another process that has
/// its descriptor can ring it, but cannot make this one block.
class bell {
public:
    bell() noexcept : file_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    explicit operator bool() const noexcept { return static_cast<bool>(file_); }
    [[nodiscard]] int descriptor() const noexcept { return file_.get(); }

    void ring() const noexcept {
        const cancellation_held_off until_written;
        const std::uint64_t one = 1;
        (void)!::write(file_.get(), &one, sizeof one);
    }
    void wait() const noexcept {
        pollfd rung{file_.get(), POLLIN, 0};
        while (poll(&rung, 1, -1) < 0 && errno == EINTR) {}
        std::uint64_t times = 0;
        (void)!::read(file_.get(), &times, sizeof times);
    }

private:
    file_handle file_;
};
#endif

}  // namespace holdfast::detail

#endif
