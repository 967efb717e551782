// holdfast/platform/child_process.ipp: the bodies of child_process.hpp.
#pragma once

#include <holdfast/platform/child_process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <iterator>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY void sleep_precisely() noexcept { prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0); }

HOLDFAST_DETAIL_BODY int interrupt_signal() noexcept { return SIGINT; }

HOLDFAST_DETAIL_BODY int stack_signal() noexcept { return SIGRTMAX - 2; }

HOLDFAST_DETAIL_BODY bool may_run(const std::string &path) noexcept {
    return access(path.c_str(), X_OK) == 0;
}

/// What the child needs between vfork() and exec. There it shares the host's memory, so it only
/// makes system calls.
struct child_launch {
    const char *program;
    char *const *arguments;
    char *const *variables;
    int descriptors[7];  // become 3 to 9
    int nothing;         // becomes 0
    int output;          // becomes 1, and
    int errors;          // this 2, unless negative
    pid_t host;
    std::optional<std::size_t> memory;
    std::optional<std::size_t> open_files;
    bool may_start_processes;
    volatile int problem;
};

HOLDFAST_DETAIL_BODY void reset_signals() noexcept {
    struct sigaction fresh{};
    fresh.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        if (number != SIGKILL && number != SIGSTOP)
            sigaction(number, &fresh, nullptr);
}

template <class Resource>
void limit_resource(Resource which, std::size_t most) noexcept {
    const rlimit limit{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
    setrlimit(which, &limit);
}

/// Makes fork() and its kin fail with EPERM; threads can still be started. RLIMIT_NPROC would count
/// the processes of the user, and not apply to root.
HOLDFAST_DETAIL_BODY bool forbid_processes() noexcept {
#if defined(__x86_64__)
    constexpr unsigned machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    constexpr unsigned machine = AUDIT_ARCH_AARCH64;
#else
    constexpr unsigned machine = 0;
#endif
    if (machine == 0) {
        errno = ENOSYS;
        return false;
    }
    constexpr unsigned refused = SECCOMP_RET_ERRNO | EPERM;
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, refused),  // another machine's system calls
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
#if defined(__x86_64__)
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 6, 0),  // those of x32
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fork, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 4, 0),
#endif
        // Its flags are in memory, where a filter cannot read them. The C library then uses clone().
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 435 /* clone3 */, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 2, 0),
        BPF_STMT(BPF_RET | BPF_K, refused),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(sizeof rules / sizeof rules[0]), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

[[noreturn]] HOLDFAST_DETAIL_BODY void run_child(child_launch &launch) noexcept {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launch.host)  // the host died before that
        _exit(127);
    setsid();
    reset_signals();
    limit_resource(RLIMIT_CORE, 0);
    if (launch.memory)
        limit_resource(RLIMIT_DATA, *launch.memory);
    // First moved above 9, because they will become 0 and 3 to 9.
    const auto moved_up = [&launch](int descriptor) {
        const int to = fcntl(descriptor, F_DUPFD, 10);
        if (to < 0) {  // the child would have another file of the host's in its place
            launch.problem = errno;
            _exit(127);
        }
        return to;
    };
    int moved[7];
    for (int i = 0; i < 7; ++i)
        moved[i] = moved_up(launch.descriptors[i]);
    const int nothing = moved_up(launch.nothing);
    const int output = launch.output < 0 ? -1 : moved_up(launch.output);
    const int errors = launch.errors < 0 ? -1 : moved_up(launch.errors);
    dup2(nothing, 0);
    if (output >= 0)
        dup2(output, 1);
    if (errors >= 0)
        dup2(errors, 2);
    for (int i = 0; i < 7; ++i)
        dup2(moved[i], 3 + i);
#if defined(SYS_close_range)
    const bool closed = syscall(SYS_close_range, 10U, ~0U, 0U) == 0;
#else
    const bool closed = false;
#endif
    if (!closed) {
        rlimit files{};
        getrlimit(RLIMIT_NOFILE, &files);
        for (rlim_t file = 10; file < std::min<rlim_t>(files.rlim_cur, 1U << 20U); ++file)
            close(static_cast<int>(file));
    }
    if (launch.open_files)
        limit_resource(RLIMIT_NOFILE, *launch.open_files);
    sigset_t all;
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    if (!launch.may_start_processes && !forbid_processes()) {
        launch.problem = errno;
        _exit(127);
    }
    execve(launch.program, launch.arguments, launch.variables);
    launch.problem = errno;
    _exit(127);
}

// Not inlined: vfork() returns a second time into this frame.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclobbered"
#endif
HOLDFAST_DETAIL_COLD_BODY pid_t launch_child(child_launch &launch) noexcept {
    // No handler of the host's may run in the child, which shares the host's memory.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t child = vfork();
    if (child == 0)
        run_child(launch);
    if (child < 0)
        launch.problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return child;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

HOLDFAST_DETAIL_BODY child_process::~child_process() {
    if (pid_ == 0 || getpid() != host_)
        return;
    kill();
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
}

HOLDFAST_DETAIL_COLD_BODY std::string child_process::start(child_settings settings,
                                                           const int (&descriptors)[7]) {
    const file_handle nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing)
        return std::string("/dev/null cannot be opened: ") + std::strerror(errno);
    const auto pointers = [](std::vector<std::string> &words) {
        std::vector<char *> all;
        for (std::string &word : words)
            all.push_back(word.data());
        all.push_back(nullptr);
        return all;
    };
    const std::vector<char *> arguments = pointers(settings.arguments);
    const std::vector<char *> variables = pointers(settings.variables);
    child_launch launch{settings.program.c_str(),
                        arguments.data(),
                        variables.data(),
                        {},
                        nothing.get(),
                        settings.output,
                        settings.errors,
                        getpid(),
                        settings.memory,
                        settings.open_files,
                        settings.may_start_processes,
                        0};
    std::copy(std::begin(descriptors), std::end(descriptors), std::begin(launch.descriptors));
    host_ = launch.host;
    pid_ = started_as_ = std::max<pid_t>(launch_child(launch), 0);
    if (launch.problem != 0) {
        if (pid_ != 0)
            waitpid(std::exchange(pid_, 0), nullptr, 0);
        return "'" + settings.program + "' cannot be run: " + std::strerror(launch.problem);
    }
    pidfd_ = file_handle(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    return pidfd_ ? std::string()
                  : std::string("the system has no pidfd_open(): ") + std::strerror(errno);
}

HOLDFAST_DETAIL_BODY void child_process::kill() noexcept {
    if (pid_ == 0)
        return;
    ::kill(-pid_, SIGKILL);  // and what it started, unless that has left its process group
    send(SIGKILL);
}

HOLDFAST_DETAIL_BODY void child_process::send(int signal) const noexcept {
    // Not by its id, which another process may have by now.
    if (pid_ != 0 && pidfd_)
        syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
    else if (pid_ != 0)
        ::kill(pid_, signal);
}

HOLDFAST_DETAIL_BODY std::int64_t child_process::cpu_ns() const noexcept {
    clockid_t its = 0;
    timespec used{};
    if (pid_ == 0 || clock_getcpuclockid(pid_, &its) != 0 || clock_gettime(its, &used) != 0)
        return 0;
    return std::int64_t{used.tv_sec} * 1000000000 + used.tv_nsec;
}

HOLDFAST_DETAIL_BODY std::optional<process_end> child_process::reap() noexcept {
    if (pid_ == 0)
        return process_end{};
    siginfo_t facts{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOHANG | WNOWAIT) == 0) {
        if (facts.si_pid == 0)
            return std::nullopt;
        ::kill(-pid_, SIGKILL);  // while the id still belongs to it
    }
    int status = 0;
    pid_t found = 0;
    do {
        found = waitpid(pid_, &status, WNOHANG);
    } while (found < 0 && errno == EINTR);
    pid_ = 0;
    process_end end;
    if (found <= 0)
        return end;  // the host's SIGCHLD handling has reaped it: its status is lost
    if (WIFSIGNALED(status))
        end.signal = WTERMSIG(status);
    else
        end.exit_status = WEXITSTATUS(status);
    return end;
}

}  // namespace holdfast::detail
