// holdfast/trace/word_copy.hpp: memory that one thread writes while another copies it.
//
// Must not include <Python.h>.
//
// What is copied may be of different moments, but no word of it is torn, and none is of an earlier
// moment than the one before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::detail {

/// \param from  to be aligned to eight, as `to` below. \param size  a multiple of eight.
inline void load_words(std::uint64_t *copy, const void *from, std::size_t size) noexcept {
    const auto *const words = static_cast<const std::uint64_t *>(from);
    for (std::size_t i = 0; i < size / sizeof *words; ++i)
        copy[i] = __atomic_load_n(words + i, __ATOMIC_ACQUIRE);
}

/// The same for whom others may be copying from.
inline void store_words(void *to, const void *from, std::size_t size) noexcept {
    auto *const words = static_cast<std::uint64_t *>(to);
    for (std::size_t i = 0; i < size / sizeof *words; ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, static_cast<const char *>(from) + i * sizeof word, sizeof word);
        __atomic_store_n(words + i, word, __ATOMIC_RELAXED);
    }
}

/// Zeros, as store_words().
inline void clear_words(void *to, std::size_t size) noexcept {
    auto *const words = static_cast<std::uint64_t *>(to);
    for (std::size_t i = 0; i < size / sizeof *words; ++i)
        __atomic_store_n(words + i, 0, __ATOMIC_RELAXED);
}

}  // namespace holdfast::detail
