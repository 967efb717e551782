// holdfast/platform/child_process_windows.ipp: the bodies of child_process_windows.hpp.
#pragma once

#if defined(_WIN32)

#include <holdfast/platform/child_process_windows.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include <holdfast/platform/windows_processes.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY bool may_run(const std::string &path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(wide_of(path), ignored);
}

HOLDFAST_DETAIL_COLD inline std::string last_error_text() {
    return std::system_category().message(static_cast<int>(GetLastError())) + " (" +
           std::to_string(GetLastError()) + ")";
}

/// A command line from which programs make the same words again: backslashes are only special before
/// a quotation mark.
HOLDFAST_DETAIL_COLD inline std::wstring command_line_of(const std::vector<std::string> &words) {
    std::wstring line;
    for (const std::string &word : words) {
        line += line.empty() ? L"\"" : L" \"";
        std::size_t backslashes = 0;
        for (const wchar_t one : wide_of(word)) {
            if (one == L'"')
                line.append(backslashes + 1, L'\\');
            backslashes = one == L'\\' ? backslashes + 1 : 0;
            line += one;
        }
        line.append(backslashes, L'\\');
        line += L'"';
    }
    return line;
}

/// How the system compares names of variables: whatever the case of the letters.
/// \return below 0, 0, above 0
HOLDFAST_DETAIL_COLD inline int order_of_variables(std::wstring_view one, std::wstring_view other) {
    constexpr int equal = 2;  // CSTR_EQUAL
    return CompareStringOrdinal(one.data(), static_cast<int>(one.size()), other.data(),
                                static_cast<int>(other.size()), 1) -
           equal;
}

HOLDFAST_DETAIL_COLD_BODY bool is_same_variable(const std::string &one, const std::string &other) {
    return order_of_variables(wide_of(one), wide_of(other)) == 0;
}

/// As the system wants it: sorted by the names, and with a NUL after each.
HOLDFAST_DETAIL_COLD inline std::wstring environment_block_of(
    const std::vector<std::string> &variables) {
    std::vector<std::wstring> all;
    for (const std::string &one : variables)
        all.push_back(wide_of(one));
    const auto name_of = [](const std::wstring &one) {  // the system's own begin with "="
        return std::wstring_view(one).substr(0, one.find(L'=', 1));
    };
    std::sort(all.begin(), all.end(), [&](const std::wstring &one, const std::wstring &other) {
        return order_of_variables(name_of(one), name_of(other)) < 0;
    });
    std::wstring block;
    for (const std::wstring &one : all)
        block += one + L'\0';
    return block + (all.empty() ? std::wstring(2, L'\0') : std::wstring(1, L'\0'));
}

/// A job that ends with this process, and in which a crash asks nobody.
HOLDFAST_DETAIL_COLD inline file_handle make_job(const child_settings &settings) noexcept {
    struct {  // JOBOBJECT_EXTENDED_LIMIT_INFORMATION
        std::int64_t process_time, job_time;
        unsigned long flags, padding;
        std::size_t least_set, most_set;
        unsigned long processes, more_padding;
        std::uintptr_t affinity;
        unsigned long priority, scheduling;
        std::uint64_t io[6];
        std::size_t process_memory, job_memory, process_peak, job_peak;
    } limits{};
    static_assert(sizeof limits == 144, "as <winnt.h> has it");
    constexpr int extended_limits = 9;  // JobObjectExtendedLimitInformation
    constexpr unsigned long kill_on_close = 0x2000;
    constexpr unsigned long die_on_exception = 0x400;
    constexpr unsigned long of_process_memory = 0x100;
    constexpr unsigned long of_processes = 0x8;
    limits.flags = kill_on_close | die_on_exception;
    if (settings.memory) {
        limits.flags |= of_process_memory;
        limits.process_memory = *settings.memory;
    }
    if (!settings.may_start_processes) {
        limits.flags |= of_processes;
        limits.processes = 1;
    }
    file_handle job(CreateJobObjectW(nullptr, nullptr));
    if (job && (set_information_job == nullptr ||
                set_information_job(job.get(), extended_limits, &limits, sizeof limits) == 0))
        job.reset();
    return job;
}

/// The same handle, for a child to inherit; none if `handle` is none.
HOLDFAST_DETAIL_COLD inline file_handle inheritable(system_handle handle) noexcept {
    constexpr unsigned long same_access = 2;
    void *made = nullptr;
    if (handle != no_handle && handle != invalid_handle())
        DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &made, 0, 1, same_access);
    return file_handle(made);
}

/// A file that gives nothing and takes everything.
HOLDFAST_DETAIL_COLD inline file_handle null_device() noexcept {
    constexpr unsigned long read_and_write = 0xC0000000U;
    constexpr unsigned long share_all = 7;
    constexpr unsigned long open_existing = 3;
    return file_handle(valid_or_null(
        CreateFileW(L"NUL", read_and_write, share_all, nullptr, open_existing, 0, nullptr)));
}

struct started_process {  // PROCESS_INFORMATION
    void *process, *thread;
    unsigned long process_id, thread_id;
};

/// Starts a process that does not run yet. It inherits `handles`, of which the first three become its
/// standard files. It is in `job` from its beginning, so that it does not stay if this process is
/// ended now; but not before Windows 10.
HOLDFAST_DETAIL_COLD inline bool launch(const std::wstring &program, std::wstring line,
                                        std::wstring variables, std::vector<void *> handles,
                                        void *job, started_process &started) {
    struct {  // STARTUPINFOEXW
        unsigned long size;
        wchar_t *reserved, *desktop, *title;
        unsigned long x, y, width, height, columns, rows, fill, flags;
        unsigned short show, reserved_size;
        unsigned char *reserved_bytes;
        void *standard[3];
        _PROC_THREAD_ATTRIBUTE_LIST *attributes;
    } startup{};
    static_assert(sizeof startup == 112, "as <winbase.h> has it");
    constexpr unsigned long use_standard_handles = 0x100;
    constexpr unsigned long long handle_list = 0x20002;  // PROC_THREAD_ATTRIBUTE_HANDLE_LIST
    constexpr unsigned long long job_list = 0x2000D;     // PROC_THREAD_ATTRIBUTE_JOB_LIST
    startup.size = sizeof startup;
    startup.flags = use_standard_handles;
    std::copy_n(handles.begin(), 3, startup.standard);
    unsigned long long size = 0;
    InitializeProcThreadAttributeList(nullptr, 2, 0, &size);
    const std::unique_ptr<char[]> room(new char[static_cast<std::size_t>(size)]);
    startup.attributes = reinterpret_cast<_PROC_THREAD_ATTRIBUTE_LIST *>(room.get());
    if (InitializeProcThreadAttributeList(startup.attributes, 2, 0, &size) == 0)
        return false;
    // Where this is unknown, the caller puts the process into the job.
    (void)UpdateProcThreadAttribute(startup.attributes, 0, job_list, &job, sizeof job, nullptr,
                                    nullptr);
    // Without its own group, Ctrl+C would reach it. Without a console, it would open one.
    constexpr unsigned long suspended_unicode_extended_new_group =
        0x4U | 0x400U | 0x80000U | 0x200U;
    constexpr unsigned long no_window = 0x08000000U;
    const bool done =
        UpdateProcThreadAttribute(startup.attributes, 0, handle_list, handles.data(),
                                  handles.size() * sizeof(void *), nullptr, nullptr) != 0 &&
        CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, 1,
                       suspended_unicode_extended_new_group | (GetConsoleCP() == 0 ? no_window : 0),
                       variables.data(), nullptr, reinterpret_cast<_STARTUPINFOW *>(&startup),
                       reinterpret_cast<_PROCESS_INFORMATION *>(&started)) != 0;
    const unsigned long problem = GetLastError();
    DeleteProcThreadAttributeList(startup.attributes);
    SetLastError(problem);
    return done;
}

HOLDFAST_DETAIL_COLD_BODY std::string child_process::start(
    child_settings settings, const std::vector<system_handle> &handles) {
    constexpr unsigned long standard_output = static_cast<unsigned long>(-11);
    constexpr unsigned long standard_error = static_cast<unsigned long>(-12);
    const file_handle nothing = null_device();
    std::vector<file_handle> passed;
    const auto pass_on = [&](system_handle its, unsigned long ours) {
        file_handle made = inheritable(its != no_handle ? its : GetStdHandle(ours));
        passed.push_back(made ? std::move(made) : inheritable(nothing.get()));
    };
    passed.push_back(inheritable(nothing.get()));
    pass_on(settings.output, standard_output);
    pass_on(settings.errors, standard_error);
    for (const system_handle one : handles)
        passed.push_back(inheritable(one));
    std::vector<void *> all;
    std::string numbers;
    for (const file_handle &one : passed) {
        if (!one)
            return "it gets too few handles: " + last_error_text();
        all.push_back(one.get());
        if (all.size() > 3)
            numbers += (numbers.empty() ? "" : ",") +
                       std::to_string(reinterpret_cast<std::uintptr_t>(one.get()));
    }
    settings.arguments.push_back(std::move(numbers));
    job_ = make_job(settings);
    if (!job_)
        return "the system makes no job for it: " + last_error_text();
    started_process started{};
    if (!launch(wide_of(settings.program), command_line_of(settings.arguments),
                environment_block_of(settings.variables), std::move(all), job_.get(), started))
        return "'" + settings.program + "' cannot be run: " + last_error_text();
    const file_handle thread(started.thread);
    process_ = file_handle(started.process);
    started_as_ = static_cast<int>(started.process_id);
    int is_in_job = 0;
    if ((IsProcessInJob(process_.get(), job_.get(), &is_in_job) == 0 || is_in_job == 0) &&
        AssignProcessToJobObject(job_.get(), process_.get()) == 0) {
        const std::string problem = "it does not get a job: " + last_error_text();
        TerminateProcess(process_.get(), 1);
        return problem;
    }
    ResumeThread(thread.get());
    return {};
}

HOLDFAST_DETAIL_BODY void child_process::kill() noexcept {
    if (process_)
        TerminateJobObject(job_.get(), 1);
}

HOLDFAST_DETAIL_BODY std::int64_t child_process::cpu_ns() const noexcept {
    std::int64_t times[4] =
        {};  // FILETIME: in units of 100 ns; the last two count its processor time
    const auto time = [&](int which) { return reinterpret_cast<_FILETIME *>(&times[which]); };
    return process_ && GetProcessTimes(process_.get(), time(0), time(1), time(2), time(3)) != 0
               ? (times[2] + times[3]) * 100
               : 0;
}

HOLDFAST_DETAIL_BODY std::optional<process_end> child_process::reap() noexcept {
    unsigned long status = 0;
    if (!process_)
        return process_end{};
    if (WaitForSingleObject(process_.get(), 0) != 0)
        return std::nullopt;
    GetExitCodeProcess(process_.get(), &status);
    TerminateJobObject(job_.get(), 1);  // what it has left behind
    process_end end;
    end.exit_status = static_cast<int>(status);
    return end;
}

}  // namespace holdfast::detail

#endif
