// holdfast/isolated/segment.hpp: shared memory for large arguments, reused while it is warm.
//
// A fresh page costs more than the copy into it, so segments are kept.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/shared_memory.hpp>

namespace holdfast::detail {

/// Shared memory for one argument.
class segment {
public:
    /// \throws std::system_error  there is no memory for it.
    segment(std::size_t size, std::uint32_t number)
        : memory_("holdfast", (size + 4095) / 4096 * 4096, "shared memory for an argument"),
          number_(number) {}

    [[nodiscard]] void *data() const noexcept { return memory_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return memory_.size(); }
    [[nodiscard]] memory_key key() const noexcept { return memory_.key(); }
    /// Names it in messages to and from a worker.
    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

private:
    shared_memory memory_;
    std::uint32_t number_;
};

/// The segments that no task uses.
///
/// Threads: any; the mutex is a leaf.
class segment_store {
public:
    /// A segment with room for that many bytes.
    /// \throws std::system_error
    std::unique_ptr<segment> take(std::size_t size);

    /// Keeps it for another task, or frees it.
    void give_back(std::unique_ptr<segment> one) noexcept;

private:
    static constexpr std::size_t most_kept = 16;
    static constexpr std::size_t most_bytes = std::size_t{256} << 20U;

    std::mutex mutex_;
    std::vector<std::unique_ptr<segment>> kept_;  // guarded by mutex_
    std::size_t kept_bytes_ = 0;                  // guarded by mutex_
    std::uint32_t last_number_ = 0;               // guarded by mutex_
};

/// The bytes of one argument in a segment.
struct large_block {
    std::unique_ptr<segment> memory;
    std::size_t size = 0;
    bool read_only = true;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/segment.ipp>
#endif
