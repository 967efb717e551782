// c/library/windows_child.hpp: runs a command and reads what it prints.
#pragma once

#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include <holdfast/platform/windows.hpp>

#include "windows_api.hpp"

namespace holdfast::c {

/// An argument as the C library of Windows reads it.
inline std::wstring quoted(const std::string &utf8) {
    std::wstring text = L"\"";
    std::size_t backslashes = 0;
    for (const wchar_t letter : detail::wide_of(utf8)) {
        if (letter == L'"')
            text.append(backslashes + 1, L'\\');
        backslashes = letter == L'\\' ? backslashes + 1 : 0;
        text += letter;
    }
    text.append(backslashes, L'\\');
    return text + L'"';
}

/// A handle, until the end of the scope.
class owned_handle {
public:
    owned_handle() = default;
    owned_handle(const owned_handle &) = delete;
    owned_handle &operator=(const owned_handle &) = delete;
    ~owned_handle() { reset(); }

    HANDLE *address() noexcept { return &handle_; }
    [[nodiscard]] HANDLE get() const noexcept { return handle_; }
    void reset() noexcept {
        if (handle_ != nullptr)
            CloseHandle(handle_);
        handle_ = nullptr;
    }

private:
    HANDLE handle_ = nullptr;
};

inline std::string why_not_started() {
    return std::system_category().message(static_cast<int>(GetLastError()));
}

/// Runs `python -I -S -c PROGRAM` without input, and appends all that it prints.
/// \return why it did not end in time, or could not be started; "" otherwise.
inline std::string run_python(const std::string &python, const char *program, std::string &text,
                              std::chrono::seconds limit) {
    SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
    owned_handle reading;
    owned_handle writing;
    owned_handle nothing;
    if (CreatePipe(reading.address(), writing.address(), &inherited, 0) == 0)
        return "no pipe: " + why_not_started();
    SetHandleInformation(reading.get(), HANDLE_FLAG_INHERIT, 0);
    {
        owned_handle never_written;  // closed, so that the input is empty
        if (CreatePipe(nothing.address(), never_written.address(), &inherited, 0) == 0)
            return "no pipe: " + why_not_started();
        SetHandleInformation(never_written.get(), HANDLE_FLAG_INHERIT, 0);
    }
    STARTUPINFOW start{};
    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = nothing.get();
    start.hStdOutput = writing.get();
    start.hStdError = writing.get();
    PROCESS_INFORMATION made{};
    std::wstring command = quoted(python) + L" -I -S -c " + quoted(program);
    if (CreateProcessW(detail::wide_of(python).c_str(), command.data(), nullptr, nullptr, TRUE,
                       CREATE_NO_WINDOW, nullptr, nullptr, &start, &made) == 0)
        return why_not_started();
    owned_handle process;
    *process.address() = made.hProcess;
    CloseHandle(made.hThread);
    writing.reset();
    std::thread reader([&] {
        char part[2048];
        DWORD got = 0;
        while (ReadFile(reading.get(), part, sizeof part, &got, nullptr) != 0 && got != 0)
            if (text.size() < (1U << 16))
                text.append(part, got);
    });
    const auto milliseconds = static_cast<DWORD>(std::chrono::milliseconds(limit).count());
    const bool in_time = WaitForSingleObject(process.get(), milliseconds) == WAIT_OBJECT_0;
    if (!in_time)
        TerminateProcess(process.get(), 1);
    reader.join();
    std::string lines;  // as elsewhere
    for (const char letter : text)
        if (letter != '\r')
            lines += letter;
    text = lines;
    return in_time ? "" : "it did not answer within " + std::to_string(limit.count()) + " s";
}

}  // namespace holdfast::c
