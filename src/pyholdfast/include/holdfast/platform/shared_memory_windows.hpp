// holdfast/platform/shared_memory_windows.hpp: shared_memory.hpp for Windows.
#pragma once

#if defined(_WIN32)

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/windows_processes.hpp>

namespace holdfast::detail {

/// By which another process finds shared memory: 128 random bits in hexadecimal digits. Python's
/// mmap can map it by its name, but not by a handle.
using memory_key = std::array<char, 32>;

HOLDFAST_DETAIL_COLD inline memory_key make_memory_key() {
    std::random_device random;
    memory_key key;
    unsigned bits = 0;
    for (std::size_t i = 0; i < key.size(); ++i, bits >>= 4U) {
        if (i % 8 == 0)
            bits = random();
        key[i] = "0123456789abcdef"[bits & 15U];
    }
    return key;
}

/// Others of this user's session can open it, if they know the key; they could read the memory of its
/// processes, too.
HOLDFAST_DETAIL_COLD inline std::wstring name_of(const memory_key &key) {
    return L"Local\\holdfast-" + std::wstring(key.begin(), key.end());
}

[[noreturn]] HOLDFAST_DETAIL_COLD inline void throw_last_error(const char *what) {
    throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), what);
}

/// Owns: a part of a process's memory that is that of a section.
class section_view {
public:
    static constexpr unsigned long reads = 4;   // FILE_MAP_READ
    static constexpr unsigned long writes = 2;  // FILE_MAP_WRITE, which includes reading

    /// The whole section. Null if that cannot be mapped.
    section_view(system_handle section, unsigned long access) noexcept
        : data_(MapViewOfFile(section, access, 0, 0, 0)) {}
    section_view(const section_view &) = delete;
    section_view &operator=(const section_view &) = delete;
    ~section_view() {
        if (data_ != nullptr)
            UnmapViewOfFile(data_);
    }
    [[nodiscard]] char *data() const noexcept { return static_cast<char *>(data_); }

private:
    void *data_;
};

/// Zeroed memory that cannot shrink, and for which the system has promised all pages.
///
/// Owns: the section and the mapping.
class shared_memory {
public:
    /// \param size  a multiple of 4096.
    /// \throws std::system_error  with `what`: there is no memory.
    shared_memory(const char *, std::size_t size, const char *what)
        : key_(make_memory_key()),
          section_(make(key_, size, what)),
          view_(section_.get(), section_view::writes),
          size_(size) {
        if (view_.data() == nullptr)
            throw_last_error(what);
    }

    [[nodiscard]] void *data() const noexcept { return view_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const memory_key &key() const noexcept { return key_; }

private:
    static file_handle make(const memory_key &key, std::size_t size, const char *what) {
        constexpr unsigned long read_and_write = 4;  // PAGE_READWRITE
        constexpr unsigned long already_exists = 183;
        file_handle made(CreateFileMappingW(
            invalid_handle(), nullptr, read_and_write, static_cast<unsigned long>(size >> 32U),
            static_cast<unsigned long>(size & 0xFFFFFFFFU), name_of(key).c_str()));
        if (!made || GetLastError() == already_exists)
            throw_last_error(what);
        return made;
    }

    memory_key key_;
    file_handle section_;
    section_view view_;
    std::size_t size_;
};

/// What another process has made; none if it is not there.
inline file_handle open_shared_memory(const memory_key &key) {
    return file_handle(
        OpenFileMappingW(section_view::writes | section_view::reads, 0, name_of(key).c_str()));
}

/// Shared memory that another process made and may write to, mapped.
///
/// Owns: the mapping, and a handle to it.
class mapped_file {
public:
    /// The whole, for reading and writing; null: it cannot be mapped. It must keep its size.
    static std::shared_ptr<const mapped_file> of(const file_handle &section, std::size_t size) {
        constexpr unsigned long same_access = 2;
        void *own = nullptr;
        if (DuplicateHandle(GetCurrentProcess(), section.get(), GetCurrentProcess(), &own, 0, 0,
                            same_access) == 0)
            return nullptr;
        auto made = std::make_shared<mapped_file>(file_handle(own), size);
        return made->data() != nullptr ? made : nullptr;
    }
    mapped_file(file_handle section, std::size_t size) noexcept
        : section_(std::move(section)), view_(section_.get(), section_view::writes), size_(size) {}

    [[nodiscard]] char *data() const noexcept { return view_.data(); }
    /// Whether it is this one, and so many bytes of it are mapped. If the system is too old to tell,
    /// it is mapped again.
    [[nodiscard]] bool has(const file_handle &section, std::size_t size) const noexcept {
        return size <= size_ && compare_object_handles != nullptr &&
               compare_object_handles(section_.get(), section.get()) != 0;
    }

private:
    file_handle section_;
    section_view view_;
    std::size_t size_;
};

/// Whether it is memory of at least that size with all its pages, and no file, whose pages may be
/// missing later. It cannot become shorter.
inline bool keeps_size(const file_handle &section, std::uint64_t size) noexcept {
    struct {  // MEMORY_BASIC_INFORMATION
        void *base, *allocation_base;
        unsigned long allocation_protect, partition;
        std::size_t region_size;
        unsigned long state, protect, type, padding;
    } facts{};
    constexpr unsigned long committed = 0x1000;
    const section_view view(section.get(), section_view::reads);
    wchar_t name[512];
    return section && view.data() != nullptr &&
           VirtualQuery(view.data(), reinterpret_cast<_MEMORY_BASIC_INFORMATION *>(&facts),
                        sizeof facts) != 0 &&
           facts.state == committed && facts.region_size >= size &&
           K32GetMappedFileNameW(GetCurrentProcess(), view.data(), name, 512) == 0;
}

/// Whatever the other process has done to the section, this does not crash.
inline bool read_file(system_handle section, std::uint64_t offset, char *to,
                      std::size_t size) noexcept {
    unsigned long long done = 0;
    const section_view view(section, section_view::reads);
    return view.data() != nullptr &&
           ReadProcessMemory(GetCurrentProcess(), view.data() + offset, to, size, &done) != 0 &&
           done == size;
}

/// An empty file that is gone once all have closed it, and that no other process can open; none if it
/// cannot be made. The system keeps it in memory as long as it can.
HOLDFAST_DETAIL_COLD inline file_handle temporary_file() {
    constexpr unsigned long read_and_write = 0xC0000000U;
    constexpr unsigned long create_new = 1;
    constexpr unsigned long temporary_and_deleted_on_close = 0x100U | 0x04000000U;
    const memory_key key = make_memory_key();
    const char *const folder = environment("TEMP");
    const std::wstring path = wide_of(folder != nullptr ? folder : ".") + L"\\holdfast-" +
                              std::wstring(key.begin(), key.end());
    return file_handle(
        valid_or_null(CreateFileW(path.c_str(), read_and_write, 0, nullptr, create_new,
                                  temporary_and_deleted_on_close, nullptr)));
}

/// What is in it from `offset` on, but not more than 64 kB.
inline std::string text_of_file(const file_handle &file, std::int64_t offset) {
    overlapped_operation place;
    place.offset = static_cast<std::uint64_t>(offset);
    std::string text(65536, '\0');
    unsigned long got = 0;
    if (!file || ReadFile(file.get(), text.data(), static_cast<unsigned long>(text.size()), &got,
                          place.get()) == 0)
        got = 0;
    text.resize(got);
    return text;
}

inline std::int64_t size_of_file(const file_handle &file) noexcept {
    std::int64_t size = 0;
    return file && GetFileSizeEx(file.get(), reinterpret_cast<_LARGE_INTEGER *>(&size)) != 0 ? size
                                                                                             : 0;
}

}  // namespace holdfast::detail

#endif
