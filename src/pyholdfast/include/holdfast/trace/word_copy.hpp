// holdfast/trace/word_copy.hpp: copies memory while another thread writes it.
//
// Must not include <Python.h>.
//
// The copied words may be from different moments, but no word is torn, and no word is older than
// the one before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::detail {

/// \param from  must be aligned to eight bytes, as `to` below. \param size  a multiple of eight.
inline void load_words(std::uint64_t *copy, const void *from, std::size_t size) noexcept {
    const auto *const words = static_cast<const std::uint64_t *>(from);
    for (std::size_t i = 0; i < size / sizeof *words; ++i)
        copy[i] = __atomic_load_n(words + i, __ATOMIC_ACQUIRE);
}

/// The same for memory that others may be copying from.
inline void store_words(void *to, const void *from, std::size_t size) noexcept {
    auto *const words = static_cast<std::uint64_t *>(to);
    for (std::size_t i = 0; i < size / sizeof *words; ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, static_cast<const char *>(from) + i * sizeof word, sizeof word);
        __atomic_store_n(words + i, word, __ATOMIC_RELAXED);
    }
}

/// Writes zeros, like store_words().
inline void clear_words(void *to, std::size_t size) noexcept {
    auto *const words = static_cast<std::uint64_t *>(to);
    for (std::size_t i = 0; i < size / sizeof *words; ++i)
        __atomic_store_n(words + i, 0, __ATOMIC_RELAXED);
}

}  // namespace holdfast::detail
