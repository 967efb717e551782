// holdfast/isolated/segment.hpp: shared memory for large arguments, reused while it is warm.
//
// A fresh page costs more than the copy into it, so segments are kept. They are sealed: if a worker
// could shrink one, it would crash the host, which has it mapped.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>

namespace holdfast::detail {

[[noreturn]] void throw_system_error(const char *what, int number);

/// A sealed memfd, mapped.
///
/// Owns: the descriptor and the mapping.
class segment {
public:
    /// \throws std::system_error  there is no memory for it.
    segment(std::size_t size, std::uint32_t number);
    segment(const segment &) = delete;
    segment &operator=(const segment &) = delete;
    ~segment();

    [[nodiscard]] void *data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
    /// Names it in messages to and from a worker.
    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

private:
    file_handle file_;
    std::size_t size_;
    std::uint32_t number_;
    void *data_ = nullptr;
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
