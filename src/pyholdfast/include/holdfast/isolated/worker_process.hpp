// holdfast/isolated/worker_process.hpp: starts, interrupts and ends a worker process.
//
// A worker inherits only what is listed here: ten descriptors (/dev/null to read from, the host's
// standard output and error, its program, its socket, two files in memory, and three bells), the
// working folder, and a few variables. Signals are as in a new process. It has its own session, so a terminal does
// not reach it. It dies with the thread that starts it (PR_SET_PDEATHSIG), however that ends. So
// one thread of ours starts all workers, and ends after them.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <holdfast/isolated/isolated_config.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/file_handle.hpp>

namespace holdfast::detail {

/// The interpreter for the workers: see isolated_config::python. Empty if there is none.
std::filesystem::path find_worker_python(const isolated_config &config);

/// "NAME=value" for each variable that workers get.
std::vector<std::string> worker_environment(const isolated_config &config);

/// How a process ended.
struct process_end {
    int signal = 0;
    int exit_status = -1;
};

/// One worker process and its descriptors.
///
/// Owns:    the process: its destructor kills and reaps it.
/// Threads: start, reap and destroy it on one thread; the other members on any.
class worker_process {
public:
    worker_process() = default;
    worker_process(const worker_process &) = delete;
    worker_process &operator=(const worker_process &) = delete;
    ~worker_process();

    /// \return "" if it runs, else what failed.
    std::string start(const std::filesystem::path &python, const isolated_config &config,
                      const std::vector<std::string> &environment);

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Its process id, even after its end.
    [[nodiscard]] pid_t started_as() const noexcept { return started_as_; }
    /// A descriptor that becomes readable when it ends.
    [[nodiscard]] int ended_descriptor() const noexcept { return pidfd_.get(); }
    [[nodiscard]] int socket() const noexcept { return socket_.get(); }
    /// Shared with the worker: `ring_memory` bytes.
    [[nodiscard]] void *memory() const noexcept { return memory_; }

    /// The worker's numbers of the descriptors that wake the host.
    static constexpr std::uint32_t watchers_bell = 8;
    static constexpr std::uint32_t callers_bell = 9;
    /// A descriptor whose every write is an event for an epoll that asks for edges.
    [[nodiscard]] int bell() const noexcept { return watcher_bell_.get(); }
    /// Wakes the worker.
    void ring() const noexcept;
    /// Wakes the thread that watches, or the one in wait_for_ring().
    void ring_watcher() const noexcept;
    void ring_caller() const noexcept;
    void wait_for_ring() const noexcept;

    void kill() noexcept;
    /// Raises holdfast.Interrupted, if it still runs the task that its memory names.
    void interrupt() noexcept;
    /// Makes it write its Python stack, for stack().
    void ask_for_stack() noexcept;
    /// What it has written since the last call of forget_stack().
    [[nodiscard]] std::string stack() const;
    void forget_stack() noexcept;
    /// The processor time that it has used, in nanoseconds.
    [[nodiscard]] std::int64_t cpu_ns() const noexcept;

    /// How it ended; nullopt: it still runs. Does not wait. Do not call it again after the end.
    [[nodiscard]] std::optional<process_end> reap() noexcept;

private:
    struct workers_files {
        file_handle socket;
        file_handle memory;
        file_handle bell;
    };
    [[nodiscard]] std::string open_files(workers_files &theirs);
    void send(int signal) const noexcept;

    pid_t pid_ = 0;  // 0: none, or reaped
    pid_t started_as_ = 0;
    pid_t host_ = 0;  // the parent of the process; its forked children must not reap it
    file_handle pidfd_;
    file_handle socket_;
    file_handle bell_;  // the worker waits for it
    file_handle watcher_bell_;
    file_handle caller_bell_;
    file_handle faults_;
    void *memory_ = nullptr;
    std::int64_t stack_from_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/worker_process.ipp>
#endif
