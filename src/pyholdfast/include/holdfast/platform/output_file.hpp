// holdfast/platform/output_file.hpp: a file that this process writes while others read it.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#if defined(_WIN32)
#include <io.h>

#include <holdfast/platform/windows.hpp>
#else
#include <unistd.h>
#endif

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/formatted.hpp>

namespace holdfast::detail {

/// Removes a file, if it is there.
HOLDFAST_DETAIL_RARE inline void remove_file(const std::string &path) noexcept {
#if defined(_WIN32)
    try {
        _wunlink(wide_of(path).c_str());
    } catch (const std::bad_alloc &) {
        // it stays
    }
#else
    unlink(path.c_str());
#endif
}

/// Owns:    a file descriptor, until close(); a copy refers to the same.
/// Threads: one creates or closes it; any others use it.
class output_file {
public:
    /// The file must not exist yet; only this user may read it. \return an errno number, or 0.
    [[nodiscard]] HOLDFAST_DETAIL_RARE int create(const std::string &path) {
#if defined(_WIN32)
        // Other functions for this do not let a file be removed while it is open.
        void *const file = CreateFileW(wide_of(path).c_str(), read_and_write, share_all, nullptr,
                                       create_new, normal, nullptr);
        const auto number = reinterpret_cast<std::intptr_t>(file);
        if (number == -1)
            return errno_of(GetLastError());
        descriptor_ = _open_osfhandle(number, _O_RDWR | _O_BINARY | _O_NOINHERIT);
#else
        descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
#endif
        return descriptor_ < 0 ? errno : 0;
    }

    HOLDFAST_DETAIL_RARE void close() noexcept {
        const cancellation_held_off until_closed;
#if defined(_WIN32)
        _close(descriptor_);
#else
        ::close(descriptor_);
#endif
        descriptor_ = -1;
    }

    /// Reserves room on the disk. \return an errno number; 0: there is room.
    [[nodiscard]] HOLDFAST_DETAIL_RARE int make_room(std::uint64_t from,
                                                     std::uint64_t size) noexcept {
#if defined(_WIN32)
        return grow(from + size) ? 0 : ENOSPC;
#elif defined(__APPLE__)
        fstore_t wanted{F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(size), 0};
        if (fcntl(descriptor_, F_PREALLOCATE, &wanted) != 0)
            return errno;
        return grow(from + size) ? 0 : errno;
#else
        return posix_fallocate(descriptor_, static_cast<off_t>(from), static_cast<off_t>(size));
#endif
    }

    /// Makes the file that long, if it is shorter. \return false: it was not shorter, or the system
    /// refuses.
    HOLDFAST_DETAIL_RARE bool grow_if_shorter(std::uint64_t size) noexcept {
#if defined(_WIN32)
        const long long now = _filelengthi64(descriptor_);
        return now >= 0 && static_cast<std::uint64_t>(now) < size && grow(size);
#else
        struct stat now{};
        return fstat(descriptor_, &now) == 0 && static_cast<std::uint64_t>(now.st_size) < size &&
               grow(size);
#endif
    }

    /// False: the file did not take everything.
    HOLDFAST_DETAIL_RARE bool put(const void *from, std::uint64_t at, std::uint64_t size) noexcept {
        const auto *next = static_cast<const char *>(from);
        while (size != 0) {
#if defined(_WIN32)
            // Instead of a position of the file, which all threads would share
            overlapped position{0, 0, at, nullptr};
            unsigned long done = 0;
            if (WriteFile(handle(), next, static_cast<unsigned long>(size), &done,
                          reinterpret_cast<_OVERLAPPED *>(&position)) == 0)
                return false;
#else
            const ssize_t done =
                pwrite(descriptor_, next, static_cast<std::size_t>(size), static_cast<off_t>(at));
#endif
            if (done <= 0)
                return false;
            next += done;
            at += static_cast<std::uint64_t>(done);
            size -= static_cast<std::uint64_t>(done);
        }
        return true;
    }

private:
#if defined(_WIN32)
    struct overlapped {  // OVERLAPPED
        std::uintptr_t internal, internal_high;
        std::uint64_t offset;
        void *event;
    };

    static constexpr unsigned long read_and_write = 0xC0000000U;  // GENERIC_READ, GENERIC_WRITE
    static constexpr unsigned long share_all = 7;
    static constexpr unsigned long create_new = 1;
    static constexpr unsigned long normal = 0x80;

    static int errno_of(unsigned long error) noexcept {
        constexpr unsigned long file_not_found = 2;
        constexpr unsigned long path_not_found = 3;
        constexpr unsigned long access_denied = 5;
        constexpr unsigned long file_exists = 80;
        switch (error) {
        case file_exists:
            return EEXIST;
        case access_denied:
            return EACCES;
        case file_not_found:
        case path_not_found:
            return ENOENT;
        default:
            return EIO;
        }
    }

    [[nodiscard]] void *handle() const noexcept {
        return reinterpret_cast<void *>(_get_osfhandle(descriptor_));
    }
#endif

    bool grow(std::uint64_t size) noexcept {
#if defined(_WIN32)
        constexpr int end_of_file = 6;  // FileEndOfFileInfo
        return set_file_information != nullptr &&
               set_file_information(handle(), end_of_file, &size, sizeof size) != 0;
#else
        return ftruncate(descriptor_, static_cast<off_t>(size)) == 0;
#endif
    }

    int descriptor_ = -1;
};

/// The file in which a process shows its counters; removed at exit.
HOLDFAST_DETAIL_RARE inline std::string page_path(std::uint64_t process) {
#if defined(_WIN32)
    const wchar_t *const folder = _wgetenv(L"TEMP");
    return formatted("%s\\holdfast-%llu", utf8_of(folder != nullptr ? folder : L".").c_str(),
                     static_cast<unsigned long long>(process));
#elif defined(__linux__)
    return formatted("/dev/shm/holdfast-%u-%llu", static_cast<unsigned>(getuid()),
                     static_cast<unsigned long long>(process));
#else
    return formatted("/tmp/holdfast-%u-%llu", static_cast<unsigned>(getuid()),
                     static_cast<unsigned long long>(process));
#endif
}

}  // namespace holdfast::detail
