// holdfast/isolated/worker_process.ipp: the bodies of worker_process.hpp.
#pragma once

#include <holdfast/isolated/worker_process.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <holdfast/isolated/message_ring.hpp>
#include <holdfast/isolated/worker_program.hpp>
#include <holdfast/lifecycle/bundle.hpp>
#include <holdfast/platform/environment.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD inline std::filesystem::path find_on_path(const std::string &name) {
    const char *const path = environment("PATH");
    std::string left = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!left.empty()) {
        const std::size_t end = std::min(left.find(':'), left.size());
        const std::filesystem::path file = std::filesystem::path(left.substr(0, end)) / name;
        if (end != 0 && access(file.c_str(), X_OK) == 0)
            return file;
        left.erase(0, end + 1);
    }
    return {};
}

HOLDFAST_DETAIL_COLD_BODY std::filesystem::path find_worker_python(const isolated_config &config) {
    namespace fs = std::filesystem;
    const std::string named = config.python.string();
    if (!named.empty()) {
        const fs::path found =
            named.find('/') == std::string::npos ? find_on_path(named) : fs::path();
        return found.empty() ? config.python : found;
    }
    std::error_code ignored;
    if (const fs::path bundle = bundle_folder();
        !bundle.empty() && fs::exists(bundled_python(bundle), ignored))
        return bundled_python(bundle);
    if (const char *const python = own_variable("HOLDFAST_PYTHON"))
        return python;
    if (const char *const folder = environment("VIRTUAL_ENV"))
        return fs::path(folder) / "bin" / "python";
#ifdef HOLDFAST_DEFAULT_PYTHON
    if (fs::exists(HOLDFAST_DEFAULT_PYTHON, ignored))
        return HOLDFAST_DEFAULT_PYTHON;
#endif
    return find_on_path("python3");
}

HOLDFAST_DETAIL_COLD_BODY std::vector<std::string> worker_environment(
    const isolated_config &config) {
    std::vector<std::string> all;
    const auto pass_on = [&](const std::string &name) {
        if (const char *const value = std::getenv(name.c_str()))
            all.push_back(name + '=' + value);
    };
    for (const char *const name :
         {"PATH", "HOME", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE"})
        pass_on(name);
    for (const std::string &asked : config.environment) {
        const std::size_t equals = asked.find('=');
        if (equals == std::string::npos) {
            pass_on(asked);
            continue;
        }
        const std::string start = asked.substr(0, equals + 1);
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const std::string &one) { return one.rfind(start, 0) == 0; }),
                  all.end());
        all.push_back(asked);
    }
    return all;
}

/// What the child needs between vfork() and exec. There it shares the host's memory, so it only
/// makes system calls.
struct worker_launch {
    const char *python;
    char *const *arguments;
    char *const *variables;
    int descriptors[7];  // become 3 to 9
    int nothing;         // becomes 0
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

[[noreturn]] HOLDFAST_DETAIL_BODY void run_worker(worker_launch &launch) noexcept {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launch.host)  // the host died before that
        _exit(127);
    setsid();
    reset_signals();
    limit_resource(RLIMIT_CORE, 0);
    if (launch.memory)
        limit_resource(RLIMIT_DATA, *launch.memory);
    // First moved above 9, because they will become 0 and 3 to 9.
    int moved[7];
    for (int i = 0; i < 7; ++i)
        moved[i] = fcntl(launch.descriptors[i], F_DUPFD, 10);
    const int nothing = fcntl(launch.nothing, F_DUPFD, 10);
    dup2(nothing, 0);
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
    execve(launch.python, launch.arguments, launch.variables);
    launch.problem = errno;
    _exit(127);
}

// Not inlined: vfork() returns a second time into this frame.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wclobbered"
#endif
HOLDFAST_DETAIL_COLD_BODY pid_t launch_worker(worker_launch &launch) noexcept {
    // No handler of the host's may run in the child, which shares the host's memory.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t child = vfork();
    if (child == 0)
        run_worker(launch);
    if (child < 0)
        launch.problem = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return child;
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

HOLDFAST_DETAIL_COLD_BODY std::string worker_process::open_files(workers_files &theirs) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return std::string("it gets no socket: ") + std::strerror(errno);
    socket_ = file_handle(ends[0]);
    theirs.socket = file_handle(ends[1]);
    // For a pipe, there is no write without SIGPIPE. For an eventfd, the worker could make it block.
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return std::string("it gets no bell: ") + std::strerror(errno);
    bell_ = file_handle(ends[0]);
    theirs.bell = file_handle(ends[1]);
    watcher_bell_ = file_handle(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    caller_bell_ = file_handle(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    theirs.memory = file_handle(memfd_create("holdfast-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    faults_ = file_handle(memfd_create("holdfast-stack", MFD_CLOEXEC));
    if (!watcher_bell_ || !caller_bell_ || !theirs.memory || !faults_)
        return std::string("it gets too few descriptors: ") + std::strerror(errno);
    // Sealed, because the host reads and writes it: if it shrank, SIGBUS would end the host.
    if (posix_fallocate(theirs.memory.get(), 0, ring_memory) != 0 ||
        fcntl(theirs.memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return "there is no shared memory for it";
    void *const mapped =
        mmap(nullptr, ring_memory, PROT_READ | PROT_WRITE, MAP_SHARED, theirs.memory.get(), 0);
    if (mapped == MAP_FAILED)
        return "there is no memory for it";
    memory_ = mapped;
    return {};
}

HOLDFAST_DETAIL_COLD_BODY std::string worker_process::start(
    const std::filesystem::path &python, const isolated_config &config,
    const std::vector<std::string> &environment) {
    workers_files theirs;
    std::string problem = open_files(theirs);
    if (!problem.empty())
        return problem;
    const file_handle program(memfd_create("holdfast-worker", MFD_CLOEXEC));
    const file_handle nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const std::size_t size = std::strlen(worker_program);
    if (!program || !nothing ||
        pwrite(program.get(), worker_program, size, 0) != static_cast<ssize_t>(size))
        return std::string("its program cannot be written: ") + std::strerror(errno);
    const std::string path = python.string();
    std::string words[] = {path, "-I", "-c", worker_bootstrap, config.name};
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<std::string> copies = environment;
    std::vector<char *> variables;
    for (std::string &one : copies)
        variables.push_back(one.data());
    variables.push_back(nullptr);
    worker_launch launch{path.c_str(),
                         arguments.data(),
                         variables.data(),
                         {program.get(), theirs.socket.get(), theirs.memory.get(), faults_.get(),
                          theirs.bell.get(), watcher_bell_.get(), caller_bell_.get()},
                         nothing.get(),
                         getpid(),
                         config.memory,
                         config.open_files,
                         config.may_start_processes,
                         0};
    host_ = launch.host;
    pid_ = started_as_ = std::max<pid_t>(launch_worker(launch), 0);
    if (launch.problem != 0) {
        if (pid_ != 0)
            waitpid(std::exchange(pid_, 0), nullptr, 0);
        return "'" + path + "' cannot be run: " + std::strerror(launch.problem);
    }
    pidfd_ = file_handle(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    return pidfd_ ? std::string()
                  : std::string("the system has no pidfd_open(): ") + std::strerror(errno);
}

HOLDFAST_DETAIL_BODY worker_process::~worker_process() {
    if (pid_ != 0 && getpid() == host_) {
        kill();
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
    }
    if (memory_ != nullptr)
        munmap(memory_, ring_memory);
}

HOLDFAST_DETAIL_BODY void worker_process::kill() noexcept {
    if (pid_ == 0)
        return;
    ::kill(-pid_, SIGKILL);  // and what it started, unless that has left its process group
    send(SIGKILL);
}

HOLDFAST_DETAIL_BODY void worker_process::send(int signal) const noexcept {
    // Not by its id, which another process may have by now.
    if (pid_ != 0 && pidfd_)
        syscall(SYS_pidfd_send_signal, pidfd_.get(), signal, nullptr, 0);
    else if (pid_ != 0)
        ::kill(pid_, signal);
}

HOLDFAST_DETAIL_BODY void worker_process::interrupt() noexcept { send(SIGINT); }

HOLDFAST_DETAIL_BODY void worker_process::ring() const noexcept {
    (void)!::send(bell_.get(), "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

HOLDFAST_DETAIL_BODY void worker_process::ring_watcher() const noexcept {
    const std::uint64_t one = 1;
    (void)!::write(watcher_bell_.get(), &one, sizeof one);
}

HOLDFAST_DETAIL_BODY void worker_process::ring_caller() const noexcept {
    const std::uint64_t one = 1;
    (void)!::write(caller_bell_.get(), &one, sizeof one);
}

HOLDFAST_DETAIL_BODY void worker_process::wait_for_ring() const noexcept {
    pollfd bell{caller_bell_.get(), POLLIN, 0};
    while (poll(&bell, 1, -1) < 0 && errno == EINTR) {}
    std::uint64_t times = 0;
    (void)!::read(caller_bell_.get(), &times, sizeof times);
}

HOLDFAST_DETAIL_BODY void worker_process::ask_for_stack() noexcept { send(SIGRTMAX - 2); }

HOLDFAST_DETAIL_BODY std::string worker_process::stack() const {
    constexpr std::size_t most = 65536;
    std::string text(most, '\0');
    const ssize_t size = pread(faults_.get(), text.data(), most, static_cast<off_t>(stack_from_));
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

HOLDFAST_DETAIL_BODY void worker_process::forget_stack() noexcept {
    struct stat facts{};
    if (fstat(faults_.get(), &facts) == 0)
        stack_from_ = facts.st_size;
}

HOLDFAST_DETAIL_BODY std::int64_t worker_process::cpu_ns() const noexcept {
    clockid_t its = 0;
    timespec used{};
    if (pid_ == 0 || clock_getcpuclockid(pid_, &its) != 0 || clock_gettime(its, &used) != 0)
        return 0;
    return std::int64_t{used.tv_sec} * 1000000000 + used.tv_nsec;
}

HOLDFAST_DETAIL_BODY std::optional<process_end> worker_process::reap() noexcept {
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
