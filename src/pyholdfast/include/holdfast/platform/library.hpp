// holdfast/platform/library.hpp: the shared libraries of this process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#define HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS 0
#else
#define HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS 1
#endif

#include <holdfast/platform/attributes.hpp>

/// For a pointer through which the libraries of a process find each other: one for all libraries
/// that the linker binds together. On Windows every library has its own, in a section where the
/// others look: if it were exported, GNU ld would no longer export all that a DLL defines.
#if defined(_WIN32)
#define HOLDFAST_DETAIL_PUBLISHED __attribute__((section(".hfproc"), used)) inline
#else
#define HOLDFAST_DETAIL_PUBLISHED __attribute__((visibility("default"))) inline
#endif

namespace holdfast::detail {

/// Keeps the library that contains `address` in memory for good: the system or a thread's record
/// will call into it when a thread ends or at a fork, however long after it was unloaded last.
void pin_library(const void *address) noexcept;

/// A symbol that some library of this process exports; null: none does. On POSIX only libraries
/// count whose symbols this one sees.
void *find_exported(const char *name) noexcept;

/// The memory of a variable that a library exports; empty: none does, or the C library cannot say
/// how large it is.
struct exported_object {
    std::uintptr_t begin = 0;
    std::size_t size = 0;

    [[nodiscard]] bool has(std::uintptr_t address) const noexcept {
        return address >= begin && address - begin < size;
    }
};

exported_object find_exported_object(const char *name) noexcept;

/// What the pointer of that name has in some other library of this process that defines it with
/// HOLDFAST_DETAIL_PUBLISHED; null: none has it, or it is not visible from here.
/// \param own  the pointer of this library.
void *find_published(const char *name, const std::atomic<void *> &own) noexcept;

#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS
/// Whether a library that is loaded from now on finds the symbol in the process.
bool is_global_symbol(const char *name) noexcept;

/// The file of the library or program that contains `address`; null if the system does not say.
const char *file_around(const void *address) noexcept;

/// Makes the symbols of a loaded library visible to libraries that are loaded later, for good.
bool make_global(const char *file) noexcept;
#endif

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/platform/library.ipp>
#endif
