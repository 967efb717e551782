// holdfast/platform/child_process.hpp: starts a process that inherits little, and ends it.
//
// It inherits /dev/null, a standard output and error, seven descriptors that are named, the
// working folder, and the variables that are named. Signals are as in a new process. It has its own
// session, so a terminal does not reach it. It dies with the thread that starts it
// (PR_SET_PDEATHSIG), however that ends.
//
// For Linux and Windows; empty elsewhere.
#pragma once

#if defined(_WIN32)

#include <holdfast/platform/child_process_windows.hpp>

#elif defined(__linux__)

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/process_end.hpp>

namespace holdfast::detail {

/// Starts a thread with all signals blocked, so that the host's handlers run on the host's threads.
template <class Work>
std::thread start_quiet_thread(const char *name, Work &&work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread made;
    try {
        made = std::thread(std::forward<Work>(work));
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_setname_np(made.native_handle(), name);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return made;
}

/// The same, but nobody joins it.
template <class Work>
void start_quiet_detached(const char *name, Work &&work) {
    start_quiet_thread(name, std::forward<Work>(work)).detach();
}

/// The system lets a thread sleep up to 50 us longer than it asks for; not the calling one.
void sleep_precisely() noexcept;

/// Raises holdfast.Interrupted in a child.
int interrupt_signal() noexcept;
/// Makes a child write its Python stack.
int stack_signal() noexcept;
/// A handler of a signal runs at once.
inline constexpr std::chrono::milliseconds stack_time{3};

/// Whether this user may run that file.
bool may_run(const std::string &path) noexcept;

/// Whether two names of environment variables name the same one.
inline bool is_same_variable(const std::string &one, const std::string &other) noexcept {
    return one == other;
}

/// What a child is started with.
struct child_settings {
    std::string program;
    std::vector<std::string> arguments;  // with its name
    std::vector<std::string> variables;
    std::optional<std::size_t> memory;
    std::optional<std::size_t> open_files;
    bool may_start_processes = true;
    int output = -1;  // becomes its standard output; -1: it has this process's
    int errors = -1;
};

/// A child process.
///
/// Owns:    the process: its destructor kills and reaps it.
/// Threads: start, reap and destroy it on one thread; the other members on any.
class child_process {
public:
    child_process() = default;
    child_process(const child_process &) = delete;
    child_process &operator=(const child_process &) = delete;
    ~child_process();

    /// \param descriptors  become 3 to 9.
    /// \return "" if it runs, else what failed.
    std::string start(child_settings settings, const int (&descriptors)[7]);

    /// Its process id, even after its end; 0: none.
    [[nodiscard]] int started_as() const noexcept { return started_as_; }
    /// A descriptor that becomes readable when it ends.
    [[nodiscard]] int ended_descriptor() const noexcept { return pidfd_.get(); }

    void kill() noexcept;
    void send(int signal) const noexcept;

    /// The processor time that it has used, in nanoseconds.
    [[nodiscard]] std::int64_t cpu_ns() const noexcept;

    /// How it ended; nullopt: it still runs. Does not wait. Do not call it again after the end.
    [[nodiscard]] std::optional<process_end> reap() noexcept;

private:
    pid_t pid_ = 0;  // 0: none, or reaped
    pid_t started_as_ = 0;
    pid_t host_ = 0;  // the parent of the process; its forked children must not reap it
    file_handle pidfd_;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/platform/child_process.ipp>
#endif

#endif
