// holdfast/platform/file_handle.hpp: owns a file descriptor.
#pragma once

#include <utility>

#include <unistd.h>

namespace holdfast::detail {

/// Owns a file descriptor, or none (-1).
class file_handle {
public:
    file_handle() noexcept = default;
    explicit file_handle(int descriptor) noexcept : descriptor_(descriptor) {}
    file_handle(file_handle &&other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    file_handle &operator=(file_handle &&other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file_handle() { reset(); }

    [[nodiscard]] int get() const noexcept { return descriptor_; }
    explicit operator bool() const noexcept { return descriptor_ >= 0; }

    void reset() noexcept {
        if (descriptor_ >= 0)
            ::close(std::exchange(descriptor_, -1));
    }

private:
    int descriptor_ = -1;
};

}  // namespace holdfast::detail
