// holdfast/isolated/pickle_writer.hpp: writes pickles of protocol 5, without CPython.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/isolated/segment.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// From this size on, bytes and arrays go through shared memory.
inline constexpr std::size_t large_size = 65536;

struct plain_value;
/// What a worker may call: it gets the arguments, as a tuple, and returns what Python gets.
using plain_callback = std::function<bool(const plain_value &)>;

/// A pickle in progress: each member appends one value, or a part of one.
///
/// Threads: one at a time.
class pickle_writer {
public:
    explicit pickle_writer(segment_store &store);

    void none() { out_ += 'N'; }
    void boolean(bool value) { out_ += value ? '\x88' : '\x89'; }
    void integer(std::int64_t value);
    void unsigned_integer(std::uint64_t value);
    void real(double value);
    /// Valid UTF-8.
    void text(std::string_view value);
    void bytes(std::string_view value);
    void bytearray(std::string_view value);

    /// The parts of containers: begin, then items, then end.
    void mark() { out_ += '('; }
    void begin_list() { out_ += "]("; }
    void end_list() { out_ += 'e'; }
    void begin_dict() { out_ += "}("; }
    void end_dict() { out_ += 'u'; }
    void begin_set() { out_ += "\x8F("; }
    void end_set() { out_ += '\x90'; }
    void end_frozenset() { out_ += '\x91'; }
    void end_tuple() { out_ += 't'; }

    /// A function or class by name; a call of it is: global(), mark(), arguments, call().
    void global(std::string_view module, std::string_view name);
    void call() { out_ += "tR"; }
    /// One of the worker's own functions.
    void helper(std::string_view name) { global("holdfast_worker", name); }

    /// Contiguous memory, as an object with the buffer protocol: a memoryview of shared memory if it
    /// is large, otherwise bytes, or a bytearray if Python may write to it.
    /// \return where to copy the `size` bytes, before the writer is used again.
    [[nodiscard]] void *memory(std::size_t size, bool read_only);

    /// A function of the host, with so many arguments; in Python it returns None or a bool.
    void callback(plain_callback function, std::size_t arguments, bool answers);

    /// Ends the pickle.
    [[nodiscard]] std::string finish() {
        out_ += '.';
        return std::move(out_);
    }
    [[nodiscard]] std::vector<large_block> take_blocks() { return std::move(blocks_); }
    [[nodiscard]] std::vector<plain_callback> take_callbacks() { return std::move(callbacks_); }

private:
    void little(std::uint64_t value, std::size_t bytes);
    void sized(char with_byte, char with_four, char with_eight, std::size_t size);

    segment_store &store_;
    std::string out_;
    std::vector<large_block> blocks_;
    std::vector<plain_callback> callbacks_;
    std::vector<std::pair<std::string, std::uint32_t>> globals_;  // and their index in the memo
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/pickle_writer.ipp>
#endif
