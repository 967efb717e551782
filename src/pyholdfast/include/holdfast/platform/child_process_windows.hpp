// holdfast/platform/child_process_windows.hpp: child_process.hpp for Windows.
//
// A child inherits NUL, a standard output and error, the handles that are named, the working
// folder, and the variables that are named. It is in a job of its own, which ends all that it starts,
// and which the system ends once this process is gone. Ctrl+C in a console does not reach it.
#pragma once

#if defined(_WIN32)

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/detached_thread.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/process_end.hpp>
#include <holdfast/platform/thread_name.hpp>

namespace holdfast::detail {

/// Starts a thread. There are no signals whose handlers could run on it.
template <class Work>
std::thread start_quiet_thread(const char *name, Work &&work) {
    return std::thread([name, work = std::forward<Work>(work)]() mutable {
        set_thread_name(name);
        work();
    });
}

/// The same, but nobody joins it.
template <class Work>
void start_quiet_detached(const char *name, Work &&work) {
    start_detached([name, work = std::forward<Work>(work)]() mutable {
        set_thread_name(name);
        work();
    });
}

/// For a thread that keeps limits. The precision of waits is the system's, a millisecond at best.
inline void sleep_precisely() noexcept {}

/// A thread writes the stack there, which may wait 5 ms for the GIL, and as long for a core.
inline constexpr std::chrono::milliseconds stack_time{30};

/// Whether there is such a program.
bool may_run(const std::string &path);

/// Whether two names of environment variables name the same one.
bool is_same_variable(const std::string &one, const std::string &other);

/// What a child is started with; all texts in UTF-8.
struct child_settings {
    std::string program;
    std::vector<std::string> arguments;  // with its name
    std::vector<std::string> variables;
    std::optional<std::size_t> memory;
    bool may_start_processes = true;
    system_handle output = no_handle;  // becomes its standard output; none: it has this process's
    system_handle errors = no_handle;
};

/// A child process.
///
/// Owns:    the process: its destructor kills it.
/// Threads: start, reap and destroy it on one thread; the other members on any.
class child_process {
public:
    child_process() = default;
    child_process(const child_process &) = delete;
    child_process &operator=(const child_process &) = delete;
    ~child_process() { kill(); }

    /// \param handles  which it inherits. Their numbers there, with commas, are its last argument.
    /// \return "" if it runs, else what failed.
    std::string start(child_settings settings, const std::vector<system_handle> &handles);

    /// Its process id, even after its end; 0: none.
    [[nodiscard]] int started_as() const noexcept { return started_as_; }
    /// For event_queue::watch_process().
    [[nodiscard]] system_handle ended_descriptor() const noexcept { return process_.get(); }

    /// And what it started.
    void kill() noexcept;

    /// The processor time that it has used, in nanoseconds.
    [[nodiscard]] std::int64_t cpu_ns() const noexcept;

    /// How it ended; nullopt: it still runs. Does not wait.
    [[nodiscard]] std::optional<process_end> reap() noexcept;

private:
    file_handle job_;
    file_handle process_;
    int started_as_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/platform/child_process_windows.ipp>
#endif

#endif
