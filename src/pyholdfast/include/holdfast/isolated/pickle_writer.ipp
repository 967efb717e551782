// holdfast/isolated/pickle_writer.ipp: the bodies of pickle_writer.hpp.
#pragma once

#include <holdfast/isolated/pickle_writer.hpp>

#include <cstring>
#include <limits>
#include <utility>

namespace holdfast::detail {

/// A message can pass on 253 descriptors; further large values travel in the pickle.
inline constexpr std::size_t most_blocks = 200;

HOLDFAST_DETAIL_BODY pickle_writer::pickle_writer(segment_store &store) : store_(store) {
    out_ += "\x80\x05";
}

HOLDFAST_DETAIL_BODY void pickle_writer::little(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i, value >>= 8U)
        out_ += static_cast<char>(value & 0xFFU);
}

HOLDFAST_DETAIL_BODY void pickle_writer::sized(char with_byte, char with_four, char with_eight,
                                               std::size_t size) {
    const bool small = size < 256 && with_byte != '\0';
    const bool medium =
        !small && size <= std::numeric_limits<std::uint32_t>::max() && with_four != '\0';
    out_ += small ? with_byte : medium ? with_four : with_eight;
    little(size, small ? 1 : medium ? 4 : 8);
}

HOLDFAST_DETAIL_BODY void pickle_writer::integer(std::int64_t value) {
    if (value >= 0 && value < 256) {
        out_ += 'K';
        little(static_cast<std::uint64_t>(value), 1);
    } else if (value >= std::numeric_limits<std::int32_t>::min() &&
               value <= std::numeric_limits<std::int32_t>::max()) {
        out_ += 'J';
        little(static_cast<std::uint64_t>(value), 4);
    } else {
        out_ += "\x8A\x08";
        little(static_cast<std::uint64_t>(value), 8);
    }
}

HOLDFAST_DETAIL_BODY void pickle_writer::unsigned_integer(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return integer(static_cast<std::int64_t>(value));
    out_ += "\x8A\x09";
    little(value, 8);
    out_ += '\0';  // positive
}

HOLDFAST_DETAIL_BODY void pickle_writer::real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    char digits[9] = {'G'};
    for (std::size_t i = 8; i > 0; --i, bits >>= 8U)
        digits[i] = static_cast<char>(bits & 0xFFU);
    out_.append(digits, sizeof digits);
}

HOLDFAST_DETAIL_BODY void pickle_writer::text(std::string_view value) {
    sized('\x8C', 'X', '\x8D', value.size());
    out_ += value;
}

HOLDFAST_DETAIL_BODY void pickle_writer::bytes(std::string_view value) {
    if (value.size() >= large_size && blocks_.size() < most_blocks) {
        global("builtins", "bytes");
        mark();
        std::memcpy(memory(value.size(), true), value.data(), value.size());
        call();
        return;
    }
    sized('C', 'B', '\x8E', value.size());
    out_ += value;
}

HOLDFAST_DETAIL_BODY void pickle_writer::bytearray(std::string_view value) {
    if (value.size() >= large_size && blocks_.size() < most_blocks) {
        global("builtins", "bytearray");
        mark();
        std::memcpy(memory(value.size(), true), value.data(), value.size());
        call();
        return;
    }
    sized('\0', '\0', '\x96', value.size());
    out_ += value;
}

HOLDFAST_DETAIL_BODY void pickle_writer::global(std::string_view module, std::string_view name) {
    std::string whole(module);
    whole.append(1, '\0').append(name);
    for (const auto &[known, index] : globals_)
        if (known == whole) {
            out_ += 'j';  // LONG_BINGET
            return little(index, 4);
        }
    text(module);
    text(name);
    out_ += "\x93\x94";  // STACK_GLOBAL, MEMOIZE
    const auto index = static_cast<std::uint32_t>(globals_.size());
    globals_.emplace_back(std::move(whole), index);
}

HOLDFAST_DETAIL_BODY void pickle_writer::callback(plain_callback function, std::size_t arguments,
                                                  bool answers) {
    helper("as_callback");
    mark();
    unsigned_integer(callbacks_.size());
    unsigned_integer(arguments);
    boolean(answers);
    call();
    callbacks_.push_back(std::move(function));
}

HOLDFAST_DETAIL_BODY void *pickle_writer::memory(std::size_t size, bool read_only) {
    if (size >= large_size && blocks_.size() < most_blocks) {
        large_block block;
        block.memory = store_.take(size);
        block.size = size;
        block.read_only = read_only;
        blocks_.push_back(std::move(block));
        out_ += read_only ? "\x97\x98" : "\x97";  // NEXT_BUFFER, READONLY_BUFFER
        return blocks_.back().memory->data();
    }
    if (read_only)
        sized('C', 'B', '\x8E', size);
    else
        sized('\0', '\0', '\x96', size);
    out_.resize(out_.size() + size);
    return out_.data() + out_.size() - size;
}

}  // namespace holdfast::detail
