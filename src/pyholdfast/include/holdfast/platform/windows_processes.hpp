// holdfast/platform/windows_processes.hpp: the functions of Windows for other processes, and for
// what a process shares and waits for with them.
//
// Declared as in windows.hpp, for the same reasons.
#pragma once

#if defined(_WIN32)

#include <cstdint>

#include <holdfast/platform/windows.hpp>

struct _FILETIME;
union _LARGE_INTEGER;
struct _MEMORY_BASIC_INFORMATION;
struct _PROCESS_INFORMATION;
struct _PROCESS_MEMORY_COUNTERS;
struct _PROC_THREAD_ATTRIBUTE_LIST;
struct _STARTUPINFOW;

extern "C" {
__declspec(dllimport) int __stdcall CreateProcessW(const wchar_t *, wchar_t *,
                                                   _SECURITY_ATTRIBUTES *, _SECURITY_ATTRIBUTES *,
                                                   int, unsigned long, void *, const wchar_t *,
                                                   _STARTUPINFOW *, _PROCESS_INFORMATION *);
__declspec(dllimport) int __stdcall InitializeProcThreadAttributeList(_PROC_THREAD_ATTRIBUTE_LIST *,
                                                                      unsigned long, unsigned long,
                                                                      unsigned long long *);
__declspec(dllimport) int __stdcall UpdateProcThreadAttribute(_PROC_THREAD_ATTRIBUTE_LIST *,
                                                              unsigned long, unsigned long long,
                                                              void *, unsigned long long, void *,
                                                              unsigned long long *);
__declspec(dllimport) void __stdcall DeleteProcThreadAttributeList(_PROC_THREAD_ATTRIBUTE_LIST *);
__declspec(dllimport) unsigned long __stdcall ResumeThread(void *);
__declspec(dllimport) int __stdcall TerminateProcess(void *, unsigned);
__declspec(dllimport) int __stdcall GetExitCodeProcess(void *, unsigned long *);
__declspec(dllimport) int __stdcall GetProcessTimes(void *, _FILETIME *, _FILETIME *, _FILETIME *,
                                                    _FILETIME *);
__declspec(dllimport) void *__stdcall OpenProcess(unsigned long, int, unsigned long);
__declspec(dllimport) int __stdcall K32GetProcessMemoryInfo(void *, _PROCESS_MEMORY_COUNTERS *,
                                                            unsigned long);
__declspec(dllimport) void *__stdcall CreateJobObjectW(_SECURITY_ATTRIBUTES *, const wchar_t *);
__declspec(dllimport) int __stdcall AssignProcessToJobObject(void *, void *);
__declspec(dllimport) int __stdcall IsProcessInJob(void *, void *, int *);
__declspec(dllimport) int __stdcall TerminateJobObject(void *, unsigned);

__declspec(dllimport) int __stdcall CompareStringOrdinal(const wchar_t *, int, const wchar_t *, int,
                                                         int);

__declspec(dllimport) void __stdcall SetLastError(unsigned long);
__declspec(dllimport) int __stdcall DuplicateHandle(void *, void *, void *, void **, unsigned long,
                                                    int, unsigned long);
__declspec(dllimport) void *__stdcall GetStdHandle(unsigned long);
__declspec(dllimport) unsigned __stdcall GetConsoleCP(void);

__declspec(dllimport) void *__stdcall CreateEventW(_SECURITY_ATTRIBUTES *, int, int,
                                                   const wchar_t *);
__declspec(dllimport) int __stdcall SetEvent(void *);
__declspec(dllimport) void *__stdcall CreateIoCompletionPort(void *, void *, unsigned long long,
                                                             unsigned long);
__declspec(dllimport) int __stdcall GetQueuedCompletionStatus(void *, unsigned long *,
                                                              unsigned long long *, _OVERLAPPED **,
                                                              unsigned long);
__declspec(dllimport) int __stdcall PostQueuedCompletionStatus(void *, unsigned long,
                                                               unsigned long long, _OVERLAPPED *);
__declspec(dllimport) int __stdcall RegisterWaitForSingleObject(
    void **, void *, void(__stdcall *)(void *, unsigned char), void *, unsigned long,
    unsigned long);
__declspec(dllimport) int __stdcall UnregisterWaitEx(void *, void *);

__declspec(dllimport) void *__stdcall CreateFileMappingW(void *, _SECURITY_ATTRIBUTES *,
                                                         unsigned long, unsigned long,
                                                         unsigned long, const wchar_t *);
__declspec(dllimport) void *__stdcall OpenFileMappingW(unsigned long, int, const wchar_t *);
__declspec(dllimport) void *__stdcall MapViewOfFile(void *, unsigned long, unsigned long,
                                                    unsigned long, unsigned long long);
__declspec(dllimport) int __stdcall UnmapViewOfFile(const void *);
__declspec(dllimport) unsigned long long __stdcall VirtualQuery(const void *,
                                                                _MEMORY_BASIC_INFORMATION *,
                                                                unsigned long long);

__declspec(dllimport) unsigned long __stdcall K32GetMappedFileNameW(void *, void *, wchar_t *,
                                                                    unsigned long);

__declspec(dllimport) void *__stdcall CreateNamedPipeW(const wchar_t *, unsigned long,
                                                       unsigned long, unsigned long, unsigned long,
                                                       unsigned long, unsigned long,
                                                       _SECURITY_ATTRIBUTES *);
__declspec(dllimport) int __stdcall ReadFile(void *, void *, unsigned long, unsigned long *,
                                             _OVERLAPPED *);
__declspec(dllimport) int __stdcall GetOverlappedResult(void *, _OVERLAPPED *, unsigned long *,
                                                        int);
__declspec(dllimport) int __stdcall GetFileSizeEx(void *, _LARGE_INTEGER *);
__declspec(dllimport) int __stdcall CancelIoEx(void *, _OVERLAPPED *);
}

namespace holdfast::detail {

// The first one takes an enumeration of <windows.h>; older versions do not have the second.
using set_information_job_function = int __stdcall(void *, int, void *, unsigned long);
inline set_information_job_function *const set_information_job =
    windows_function<set_information_job_function>(L"kernel32", "SetInformationJobObject");

using compare_object_handles_function = int __stdcall(void *, void *);
inline compare_object_handles_function *const compare_object_handles =
    windows_function<compare_object_handles_function>(L"kernelbase", "CompareObjectHandles");

inline constexpr unsigned long for_ever = 0xFFFFFFFF;  // INFINITE

/// OVERLAPPED
struct overlapped_operation {
    std::uintptr_t internal = 0;
    std::uintptr_t internal_high = 0;
    std::uint64_t offset = 0;
    void *event = nullptr;

    [[nodiscard]] _OVERLAPPED *get() noexcept { return reinterpret_cast<_OVERLAPPED *>(this); }
};

/// INVALID_HANDLE_VALUE
inline void *invalid_handle() noexcept { return reinterpret_cast<void *>(std::intptr_t{-1}); }

/// For functions that return INVALID_HANDLE_VALUE where others return null.
inline void *valid_or_null(void *handle) noexcept {
    return handle == invalid_handle() ? nullptr : handle;
}

}  // namespace holdfast::detail

#endif
