// holdfast/platform/file_handle.hpp: owns a file descriptor, or a handle of Windows.
#pragma once

#include <utility>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <unistd.h>
#endif

#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

#if defined(_WIN32)
using system_handle = void *;
inline constexpr system_handle no_handle = nullptr;
#else
using system_handle = int;
inline constexpr system_handle no_handle = -1;
#endif

/// Owns a file descriptor, or a handle of Windows; or none (no_handle).
class file_handle {
public:
    file_handle() noexcept = default;
    explicit file_handle(system_handle owned) noexcept : handle_(owned) {}
    file_handle(file_handle &&other) noexcept : handle_(std::exchange(other.handle_, no_handle)) {}
    file_handle &operator=(file_handle &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~file_handle() { reset(); }

    [[nodiscard]] system_handle get() const noexcept { return handle_; }
#if defined(_WIN32)
    explicit operator bool() const noexcept { return handle_ != no_handle; }

    void reset() noexcept {
        if (handle_ != no_handle)
            CloseHandle(std::exchange(handle_, no_handle));
    }
#else
    explicit operator bool() const noexcept { return handle_ >= 0; }

    void reset() noexcept {
        if (handle_ < 0)
            return;
        const cancellation_held_off until_closed;
        ::close(std::exchange(handle_, no_handle));
    }
#endif

private:
    system_handle handle_ = no_handle;
};

}  // namespace holdfast::detail
