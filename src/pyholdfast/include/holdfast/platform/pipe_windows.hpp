// holdfast/platform/pipe_windows.hpp: pipe.hpp for Windows.
#pragma once

#if defined(_WIN32)

#include <cstddef>
#include <cstring>
#include <string>

#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/shared_memory_windows.hpp>
#include <holdfast/platform/windows_processes.hpp>

namespace holdfast::detail {

/// The end of a pipe that this process reads, without waiting. A read is always begun, and completed
/// later: only so the system tells when something arrives.
///
/// Threads: one opens it, and then one reads.
class pipe_reader {
public:
    pipe_reader() = default;
    pipe_reader(const pipe_reader &) = delete;
    pipe_reader &operator=(const pipe_reader &) = delete;
    ~pipe_reader() {
        if (!is_begun_)
            return;
        unsigned long unused = 0;
        CancelIoEx(pipe_.get(), operation_.get());
        GetOverlappedResult(pipe_.get(), operation_.get(), &unused, 1);
    }

    /// False: there is none (GetLastError). \param writes  the other end, which blocks.
    [[nodiscard]] bool open(file_handle &writes) {
        constexpr unsigned long inbound_overlapped_first = 1U | 0x40000000U | 0x80000U;
        constexpr unsigned long bytes_and_local = 8;  // PIPE_REJECT_REMOTE_CLIENTS
        constexpr unsigned long generic_write = 0x40000000U;
        constexpr unsigned long open_existing = 3;
        const memory_key key = make_memory_key();
        const std::wstring name = L"\\\\.\\pipe\\holdfast-" + std::wstring(key.begin(), key.end());
        // Set, so that the reader comes and begins to read.
        arrived_ = file_handle(CreateEventW(nullptr, 0, 1, nullptr));
        operation_.event = arrived_.get();
        pipe_ = file_handle(valid_or_null(CreateNamedPipeW(
            name.c_str(), inbound_overlapped_first, bytes_and_local, 1, 0, 65536, 0, nullptr)));
        writes = file_handle(valid_or_null(
            CreateFileW(name.c_str(), generic_write, 0, nullptr, open_existing, 0, nullptr)));
        return arrived_ && pipe_ && writes;
    }

    /// For event_queue: something may be there.
    [[nodiscard]] system_handle descriptor() const noexcept { return arrived_.get(); }

    /// What is there now, at most `room` bytes. 0: nothing, or nobody has the other end.
    std::size_t read(char *to, std::size_t room) noexcept {
        if (used_ == got_ && !fill())
            return 0;
        const std::size_t given = got_ - used_ < room ? got_ - used_ : room;
        std::memcpy(to, buffer_ + used_, given);
        used_ += given;
        return given;
    }

private:
    bool fill() noexcept {
        constexpr unsigned long pending = 997;     // ERROR_IO_PENDING
        constexpr unsigned long incomplete = 996;  // ERROR_IO_INCOMPLETE
        constexpr unsigned long aborted = 995;     // the thread that began the read has ended
        for (int attempt = 0; attempt < 2; ++attempt) {
            if (!is_begun_ &&
                ReadFile(pipe_.get(), buffer_, sizeof buffer_, nullptr, operation_.get()) == 0 &&
                GetLastError() != pending)
                return false;
            is_begun_ = true;
            unsigned long got = 0;
            const bool read = GetOverlappedResult(pipe_.get(), operation_.get(), &got, 0) != 0;
            const unsigned long problem = read ? 0 : GetLastError();
            if (problem == incomplete)
                return false;
            is_begun_ = false;
            used_ = 0;
            got_ = read ? got : 0;
            if (problem != aborted)
                return got_ != 0;
        }
        return false;
    }

    file_handle pipe_;
    file_handle arrived_;
    overlapped_operation operation_;
    bool is_begun_ = false;
    char buffer_[8192];
    std::size_t used_ = 0;
    std::size_t got_ = 0;
};

}  // namespace holdfast::detail

#endif
