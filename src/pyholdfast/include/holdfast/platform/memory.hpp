// holdfast/platform/memory.hpp: memory that may not exist, and memory from the system.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#include <holdfast/platform/windows.hpp>
#else
#include <sys/mman.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/uio.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#endif
#endif

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Copies memory that may not exist. False: it does not exist, or the system does not tell.
/// \param size  at most as much as a pipe holds, 4 kB.
HOLDFAST_DETAIL_RARE inline bool read_memory_safely(void *to, const void *from,
                                                    std::size_t size) noexcept {
#if defined(_WIN32)
    unsigned long long done = 0;
    return ReadProcessMemory(GetCurrentProcess(), from, to, size, &done) != 0 && done == size;
#else
#if defined(__APPLE__)
    vm_size_t done = 0;
    if (vm_read_overwrite(mach_task_self(), reinterpret_cast<vm_address_t>(from), size,
                          reinterpret_cast<vm_address_t>(to), &done) == KERN_SUCCESS &&
        done == size)
        return true;
#elif defined(__linux__)
    const iovec here{to, size};
    const iovec there{const_cast<void *>(from), size};
    if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size))
        return true;
#endif
    // If the system forbids that call or does not have it, copy through a pipe, which refuses
    // memory that does not exist.
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    const bool copied = write(ends[1], from, size) == static_cast<ssize_t>(size) &&
                        read(ends[0], to, size) == static_cast<ssize_t>(size);
    close(ends[0]);
    close(ends[1]);
    return copied;
#endif
}

/// Zeros, for good; a page takes memory only once it is touched. Null: the system has no more.
HOLDFAST_DETAIL_RARE inline void *map_zeros(std::uint64_t size) noexcept {
#if defined(_WIN32)
    constexpr unsigned long reserve_and_commit = 0x1000U | 0x2000U;
    constexpr unsigned long read_and_write = 0x04U;
    return VirtualAlloc(nullptr, size, reserve_and_commit, read_and_write);
#else
    void *const mapped = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANON, -1, 0);
    return mapped != MAP_FAILED ? mapped : nullptr;
#endif
}

}  // namespace holdfast::detail
