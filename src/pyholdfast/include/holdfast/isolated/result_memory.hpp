// holdfast/isolated/result_memory.hpp: shared memory in which a worker returns arrays and bytes.
//
// A worker has a few files in memory, and writes a large result into one that the host no longer
// reads. The host maps each file once. A view that a task returns points into that mapping, and the
// last one that goes gives the file back: so a result is copied once, by the worker. Other types
// copy what they need, and give it back at once.
//
// Giving back. Only the host writes the words `result_read`, any thread of it: the use of the file
// that nobody reads any more. The worker writes to a file only if the word has the number of its
// last use. The store is a release, so that all reads come before it; the worker's writes depend on
// what it has read.
//
// A file cannot become shorter: the host seals it before it maps it. A worker that wants to can
// still change its contents, but nothing that says how many numbers there are, which is copied.
//
// After a fork, a child has the mappings, too, and its views end there without a word to the worker.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/isolated/message_ring.hpp>
#include <holdfast/isolated/plain_value.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/shared_memory.hpp>

namespace holdfast::detail {

/// One worker's files, as the host has mapped them.
///
/// Owns:    the mappings, together with the views.
/// Threads: one at a time; the views may be dropped on any, even after this.
class result_memory {
public:
    /// Where a worker put a result.
    struct place {
        std::uint32_t file = 0;  // from 1; more than result_files: it is not used again
        std::uint32_t use = 0;
        std::uint64_t pickle_size = 0;
        std::vector<std::uint64_t>
            sizes;  // of the buffers, each of which begins at a multiple of 64
    };

    /// \param rings  the worker's memory, which has the words.
    void open(std::shared_ptr<const shared_memory> rings) noexcept { rings_ = std::move(rings); }

    /// Copies the pickle, and maps the buffers. False: they are not all there, or have more than
    /// `most_bytes`.
    /// \throws std::bad_alloc
    bool read(const file_handle &file, const place &where, std::size_t most_bytes,
              std::string &pickle, std::vector<answer_buffer> &buffers);

private:
    /// The first `size` bytes, or null: they are not there. \throws std::bad_alloc
    std::shared_ptr<char> borrow(const file_handle &file, const place &where, std::size_t size);

    std::shared_ptr<const shared_memory> rings_;
    std::shared_ptr<const mapped_file> mapped_[result_files];
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/result_memory.ipp>
#endif
