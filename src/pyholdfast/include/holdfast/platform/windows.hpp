// holdfast/platform/windows.hpp: the functions of Windows that holdfast calls.
//
// Only this room includes it. It declares them itself: <windows.h> defines macros such as min, max
// and ERROR, and takes longer to compile than all of holdfast. A host may include <windows.h> too,
// before or after, so each declaration is the same as there.
#pragma once

#if defined(_WIN32)

#include <cstddef>
#include <string>

static_assert(sizeof(void *) == 8, "holdfast runs on 64-bit Windows only");

struct HINSTANCE__;
struct _OVERLAPPED;
struct _SECURITY_ATTRIBUTES;

extern "C" {
__declspec(dllimport) void *__stdcall CreateFileW(const wchar_t *, unsigned long, unsigned long,
                                                  _SECURITY_ATTRIBUTES *, unsigned long,
                                                  unsigned long, void *);
__declspec(dllimport) unsigned long __stdcall GetLastError(void);
__declspec(dllimport) int __stdcall CloseHandle(void *);
__declspec(dllimport) int __stdcall WriteFile(void *, const void *, unsigned long, unsigned long *,
                                              _OVERLAPPED *);

__declspec(dllimport) unsigned long __stdcall GetCurrentProcessId(void);
__declspec(dllimport) void *__stdcall GetCurrentProcess(void);
__declspec(dllimport) wchar_t *__stdcall GetCommandLineW(void);
__declspec(dllimport) int __stdcall ReadProcessMemory(void *, const void *, void *,
                                                      unsigned long long, unsigned long long *);
__declspec(dllimport) void *__stdcall VirtualAlloc(void *, unsigned long long, unsigned long,
                                                   unsigned long);

__declspec(dllimport) unsigned long __stdcall GetCurrentThreadId(void);
__declspec(dllimport) void *__stdcall GetCurrentThread(void);
__declspec(dllimport) void *__stdcall OpenThread(unsigned long, int, unsigned long);
__declspec(dllimport) unsigned long __stdcall GetProcessIdOfThread(void *);
__declspec(dllimport) unsigned long __stdcall WaitForSingleObject(void *, unsigned long);
__declspec(dllimport) void __stdcall GetCurrentThreadStackLimits(unsigned long long *,
                                                                 unsigned long long *);
__declspec(dllimport) int __stdcall SwitchToThread(void);
__declspec(dllimport) void __stdcall Sleep(unsigned long);

__declspec(dllimport) unsigned long __stdcall TlsAlloc(void);
__declspec(dllimport) int __stdcall TlsFree(unsigned long);
__declspec(dllimport) void *__stdcall TlsGetValue(unsigned long);
__declspec(dllimport) int __stdcall TlsSetValue(unsigned long, void *);

__declspec(dllimport) int __stdcall GetModuleHandleExW(unsigned long, const wchar_t *,
                                                       HINSTANCE__ **);
__declspec(dllimport) unsigned long __stdcall GetModuleFileNameW(HINSTANCE__ *, wchar_t *,
                                                                 unsigned long);
__declspec(dllimport) HINSTANCE__ *__stdcall GetModuleHandleW(const wchar_t *);
__declspec(dllimport) long long(__stdcall *__stdcall GetProcAddress(HINSTANCE__ *, const char *))();
__declspec(dllimport) int __stdcall K32EnumProcessModules(void *, HINSTANCE__ **, unsigned long,
                                                          unsigned long *);

__declspec(dllimport) int __stdcall WideCharToMultiByte(unsigned, unsigned long, const wchar_t *,
                                                        int, char *, int, const char *, int *);
__declspec(dllimport) int __stdcall MultiByteToWideChar(unsigned, unsigned long, const char *, int,
                                                        wchar_t *, int);
}

namespace holdfast::detail {

template <class Function>
Function *windows_function(const wchar_t *library, const char *name) noexcept {
    HINSTANCE__ *const module = GetModuleHandleW(library);
    return module != nullptr ? reinterpret_cast<Function *>(
                                   reinterpret_cast<void *>(GetProcAddress(module, name)))
                             : nullptr;
}

// Functions that older versions of Windows do not have, or whose declaration takes a type of
// <windows.h>; null: not there. They are looked up while this library is loaded, because a look-up
// takes the loader's lock. A thread that ends has that lock when it takes a gate's mutex, and under
// this mutex threads are named for a report.
using set_thread_description_function = long __stdcall(void *, const wchar_t *);
using get_thread_description_function = long __stdcall(void *, wchar_t **);
using local_free_function = void *__stdcall(void *);
using set_file_information_function = int __stdcall(void *, int, void *, unsigned long);
inline set_thread_description_function *const set_thread_description =
    windows_function<set_thread_description_function>(L"kernel32", "SetThreadDescription");
inline get_thread_description_function *const get_thread_description =
    windows_function<get_thread_description_function>(L"kernel32", "GetThreadDescription");
inline local_free_function *const local_free =
    windows_function<local_free_function>(L"kernel32", "LocalFree");
inline set_file_information_function *const set_file_information =
    windows_function<set_file_information_function>(L"kernel32", "SetFileInformationByHandle");

inline constexpr unsigned utf8_code_page = 65001;

/// \throws std::bad_alloc
inline std::wstring wide_of(const std::string &utf8) {
    const int size = static_cast<int>(utf8.size());
    std::wstring wide(utf8.size(), L'\0');  // at most as many units as there were bytes
    wide.resize(static_cast<std::size_t>(
        MultiByteToWideChar(utf8_code_page, 0, utf8.data(), size, wide.data(), size)));
    return wide;
}

/// \throws std::bad_alloc
inline std::string utf8_of(const std::wstring &wide) {
    const int size = static_cast<int>(wide.size());
    std::string utf8(wide.size() * 3, '\0');  // at most three bytes for a unit
    utf8.resize(static_cast<std::size_t>(WideCharToMultiByte(
        utf8_code_page, 0, wide.data(), size, utf8.data(), size * 3, nullptr, nullptr)));
    return utf8;
}

}  // namespace holdfast::detail

#endif
