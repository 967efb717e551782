// holdfast/isolated/worker_process.hpp: starts, interrupts and ends a worker process.
//
// A worker inherits what child_process.hpp says. On Linux, its program, its socket, two files in
// memory, and three bells are the descriptors. It dies with the thread that starts it. So one thread
// of ours starts all workers, and ends after them. On Windows, a file, three bells, and two events
// instead of signals are the handles; it finds what it shares with the host by keys.
#pragma once

#include <holdfast/platform/requirements.hpp>  // first: reports what is missing

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <holdfast/isolated/isolated_config.hpp>
#include <holdfast/isolated/worker_output.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/bell.hpp>
#include <holdfast/platform/child_process.hpp>
#include <holdfast/platform/event_queue.hpp>
#include <holdfast/platform/file_handle.hpp>
#include <holdfast/platform/packet_socket.hpp>
#include <holdfast/platform/shared_memory.hpp>

namespace holdfast::detail {

/// The interpreter for the workers: see isolated_config::python. Empty if there is none.
std::filesystem::path find_worker_python(const isolated_config &config);

/// "NAME=value" for each variable that workers get.
std::vector<std::string> worker_environment(const isolated_config &config);

/// One worker process and its descriptors.
///
/// Owns:    the process: its destructor kills and reaps it.
/// Threads: start, reap and destroy it on one thread; the other members on any.
class worker_process {
public:
    /// \param output  gets the other ends of its standard output and error; null: it has the host's.
    /// \return "" if it runs, else what failed.
    std::string start(const std::filesystem::path &python, const isolated_config &config,
                      const std::vector<std::string> &environment, worker_output *output);

    /// Its process id, even after its end.
    [[nodiscard]] int started_as() const noexcept { return child_.started_as(); }
    /// For event_queue::forget().
    [[nodiscard]] system_handle ended_descriptor() const noexcept {
        return child_.ended_descriptor();
    }
    [[nodiscard]] packet_end socket() noexcept;
    /// Shared with the worker: `ring_memory` bytes.
    [[nodiscard]] const std::shared_ptr<const shared_memory> &memory() const noexcept {
        return memory_;
    }

    /// What the worker calls the descriptors that wake the host.
    static constexpr std::uint32_t watchers_bell = 1;
    static constexpr std::uint32_t callers_bell = 2;
    /// Reports what happens to worker `id`: see worker_of() and is_of_end(). After an error, call
    /// forget_in().
    [[nodiscard]] std::error_code watch_with(event_queue &queue, std::uint64_t id) const;
    void forget_in(event_queue &queue) const noexcept;
    static constexpr std::uint64_t worker_of(std::uint64_t event) noexcept { return event / 2; }
    /// False: there may be answers.
    static constexpr bool is_of_end(std::uint64_t event) noexcept { return event % 2 != 0; }
    /// Wakes the worker.
    void ring() const noexcept;
    /// Wakes the thread in wait_for_ring().
    void ring_caller() const noexcept { caller_bell_.ring(); }
    void wait_for_ring() const noexcept { caller_bell_.wait(); }

    void kill() noexcept { child_.kill(); }
    /// Raises holdfast.Interrupted, if it still runs the task that its memory names.
    void interrupt() noexcept;
    /// Makes it write its Python stack, for stack().
    void ask_for_stack() noexcept;
    /// After which it should have done so.
    static constexpr std::chrono::milliseconds time_for_stack = stack_time;
    /// What it has written since the last call of forget_stack().
    [[nodiscard]] std::string stack() const;
    void forget_stack() noexcept;
    /// The processor time that it has used, in nanoseconds.
    [[nodiscard]] std::int64_t cpu_ns() const noexcept { return child_.cpu_ns(); }
    /// How it ended; nullopt: it still runs. Does not wait. Do not call it again after the end.
    [[nodiscard]] std::optional<process_end> reap() noexcept { return child_.reap(); }

private:
#if defined(_WIN32)
    std::optional<packet_memory> socket_;
    holdfast::detail::bell bell_;  // the worker waits for it
    holdfast::detail::bell interrupt_bell_;
    holdfast::detail::bell stack_bell_;
#else
    file_handle socket_;
    file_handle bell_;  // the worker waits for it
#endif
    holdfast::detail::bell watcher_bell_;
    holdfast::detail::bell caller_bell_;
    file_handle faults_;
    std::shared_ptr<const shared_memory> memory_;
    std::int64_t stack_from_ = 0;
    child_process child_;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/isolated/worker_process.ipp>
#endif
