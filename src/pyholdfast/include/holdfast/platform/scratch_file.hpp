// holdfast/platform/scratch_file.hpp: a file without a name that code writes into by its number.
#pragma once

#if !defined(_WIN32)

#include <cstdlib>
#include <string>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#include <fcntl.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A descriptor for reading and writing, which a new program does not inherit; negative: the system
/// has none. \param name  for the tools of the system.
HOLDFAST_DETAIL_RARE inline int open_scratch_file(const char *name) noexcept {
#if defined(__linux__)
    return memfd_create(name, MFD_CLOEXEC);
#else
    (void)name;
    char path[] = "/tmp/holdfast-XXXXXX";
    const int file = mkstemp(path);
    if (file >= 0) {
        unlink(path);
        fcntl(file, F_SETFD, FD_CLOEXEC);
    }
    return file;
#endif
}

HOLDFAST_DETAIL_RARE inline bool empty_scratch_file(int file) noexcept {
    return ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0;
}

/// What was written since it was emptied. \throws std::bad_alloc
HOLDFAST_DETAIL_RARE inline std::string read_scratch_file(int file) {
    const off_t size = lseek(file, 0, SEEK_CUR);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const ssize_t got = pread(file, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace holdfast::detail

#endif
