// holdfast/platform/shared_memory.hpp: memory that other processes can map, by its descriptor.
//
// For Linux and Windows; empty elsewhere.
#pragma once

#if defined(_WIN32)

#include <holdfast/platform/shared_memory_windows.hpp>

#elif defined(__linux__)

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>

namespace holdfast::detail {

/// By which another process gets shared memory: its descriptor, which is passed along.
using memory_key = int;

/// Zeroed memory in a sealed file: whoever has the descriptor cannot shrink it, and so cause SIGBUS
/// here.
///
/// Owns: the descriptor and the mapping.
class shared_memory {
public:
    /// \param size  a multiple of 4096.
    /// \throws std::system_error  with `what`: there is no memory.
    shared_memory(const char *name, std::size_t size, const char *what)
        : file_(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)), size_(size) {
        if (!file_)
            throw std::system_error(errno, std::generic_category(), what);
        // Allocated now: if a page were missing later, SIGBUS would end this process.
        if (const int problem = posix_fallocate(file_.get(), 0, static_cast<off_t>(size_)))
            throw std::system_error(problem, std::generic_category(), what);
        if (fcntl(file_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
            throw std::system_error(errno, std::generic_category(), what);
        data_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
        if (data_ == MAP_FAILED)
            throw std::system_error(errno, std::generic_category(), what);
    }
    shared_memory(const shared_memory &) = delete;
    shared_memory &operator=(const shared_memory &) = delete;
    ~shared_memory() { munmap(data_, size_); }

    [[nodiscard]] void *data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] memory_key key() const noexcept { return file_.get(); }

private:
    file_handle file_;
    std::size_t size_;
    void *data_ = nullptr;
};

/// A file in memory that another process made and may write to, mapped.
///
/// Owns: the mapping, not the descriptor.
class mapped_file {
public:
    /// Its first bytes, for reading and writing; null: they cannot be mapped. It must keep its size.
    static std::shared_ptr<const mapped_file> of(const file_handle &file, std::size_t size) {
        std::shared_ptr<mapped_file> made = std::make_shared<mapped_file>();
        void *const data =
            mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file.get(), 0);
        if (data == MAP_FAILED)
            return nullptr;
        made->data_ = static_cast<char *>(data);
        made->size_ = size;
        struct stat facts{};
        if (fstat(file.get(), &facts) != 0)
            return nullptr;
        made->number_ = facts.st_ino;
        made->device_ = facts.st_dev;
        return made;
    }
    mapped_file() = default;
    mapped_file(const mapped_file &) = delete;
    mapped_file &operator=(const mapped_file &) = delete;
    ~mapped_file() {
        if (data_ != nullptr)
            munmap(data_, size_);
    }

    [[nodiscard]] char *data() const noexcept { return data_; }
    /// Whether it is this file, and so many bytes of it are mapped.
    [[nodiscard]] bool has(const file_handle &file, std::size_t size) const noexcept {
        struct stat facts{};
        return size <= size_ && fstat(file.get(), &facts) == 0 && facts.st_ino == number_ &&
               facts.st_dev == device_;
    }

private:
    char *data_ = nullptr;
    std::size_t size_ = 0;
    ino_t number_ = 0;
    dev_t device_ = 0;
};

/// Whether it is a file in memory of at least that size, which then cannot become shorter: a read
/// from any other kind could block, and one beyond the end of a mapping ends the process. So does one
/// of a hole in a file of large pages, if the system has no more of them.
inline bool keeps_size(const file_handle &file, std::uint64_t size) noexcept {
    constexpr unsigned long of_ordinary_pages = 0x01021994;  // TMPFS_MAGIC
    struct stat facts{};
    struct statfs kind{};
    if (!file || fstatfs(file.get(), &kind) != 0 ||
        static_cast<unsigned long>(kind.f_type) != of_ordinary_pages)
        return false;
    const int seals = fcntl(file.get(), F_GET_SEALS);
    return seals >= 0 &&
           ((seals & F_SEAL_SHRINK) != 0 || fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0) &&
           fstat(file.get(), &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) >= size;
}

/// Reads all of it; false: it ends before.
inline bool read_file(int file, std::uint64_t offset, char *to, std::size_t size) noexcept {
    while (size > 0) {
        const ssize_t done = pread(file, to, size, static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        to += done;
        offset += static_cast<std::uint64_t>(done);
        size -= static_cast<std::size_t>(done);
    }
    return true;
}

/// A file in memory with that text, to pass on; none if there is no memory (errno).
inline file_handle file_in_memory(const char *name, std::string_view text = {}) noexcept {
    file_handle file(memfd_create(name, MFD_CLOEXEC));
    if (file &&
        pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        file.reset();
    return file;
}

/// What is in it from `offset` on, but not more than 64 kB.
inline std::string text_of_file(const file_handle &file, std::int64_t offset) {
    std::string text(65536, '\0');
    const ssize_t size = pread(file.get(), text.data(), text.size(), static_cast<off_t>(offset));
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

inline std::int64_t size_of_file(const file_handle &file) noexcept {
    struct stat facts{};
    return fstat(file.get(), &facts) == 0 ? static_cast<std::int64_t>(facts.st_size) : 0;
}

}  // namespace holdfast::detail

#endif
