// holdfast/watch/watchdog.hpp: a thread that reports which threads wait, and for whom.
//
// It never attaches, and takes no lock that a thread of the host or of Python holds for long. So it
// works while Python is stuck, and cannot get stuck with it. It reads single words of the tracks; a
// thread may go on while it is being read, and then the report shows a moment that has just passed.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/process/shared_records.hpp>
#include <holdfast/trace/thread_track.hpp>
#include <holdfast/trace/trace_memory.hpp>

namespace holdfast::detail {

/// One thread, as the watchdog saw it. It has no texts, which only reports need.
struct seen_thread {
    track_page *page = nullptr;
    track_state state = track_state::unused;
    bool holds = false;  // attached, and runs: it has not released the GIL inside Python
    double for_ms = 0;   // in this state
    std::uint64_t native_id = 0;
    std::uint64_t thread_id = 0;
    std::uint64_t turns = 0;
    std::uint64_t attaches = 0;
    std::uint32_t interpreter = 0;
    std::uint64_t wanted_lock = 0;
    double lock_ms = 0;
};

/// Reports attaches, waits for a holdfast::mutex and drains that take longer than a limit. It
/// reports each once, and then nothing until it is over.
///
/// Without a limit it only updates the file, which shows that the process is still alive.
///
/// Owns:    its thread, which runs as long as the process.
/// Threads: call start() on any thread, once; its own thread uses the rest.
class watchdog {
public:
    static void start(process_record &shared, recorder &file, std::chrono::milliseconds limit);

    [[nodiscard]] static bool is_on() noexcept { return on().load(std::memory_order_acquire); }

private:
    static constexpr const char *purpose = "the watchdog, which also writes the trace file";

    watchdog(process_record &shared, recorder &file, std::chrono::milliseconds limit) noexcept
        : shared_(shared), file_(file), limit_ms_(static_cast<double>(limit.count())) {}

    static std::atomic<bool> &on() noexcept {
        static std::atomic<bool> value{false};
        return value;
    }

    void run() noexcept;

    /// Finds out which attached threads run, for readers of the file.
    void note_who_runs() const noexcept;

    void look();

    std::vector<seen_thread> see_all();

    /// Its name, quoted, and its number.
    static std::string name_of(const seen_thread &one);

    /// The typed function that it calls, and where it attached; may be empty.
    [[nodiscard]] std::string place(const seen_thread &one) const;

    /// Whether one keeps the other from running, in the same interpreter or in one that shares its
    /// GIL.
    [[nodiscard]] bool uses_gil_of(const seen_thread &one, const seen_thread &other) const noexcept;

    /// Of a thread that is attached and does not have Python's lock.
    static const char *why_it_rests(const seen_thread &one);

    // --- attaches that take too long ----------------------------------------------------------

    /// How often another thread had attached when this one began to wait for its turn. The rows of a
    /// waiter stand together.
    struct remembered {
        track_page *waiter;
        std::uint64_t turn;
        std::size_t rows;
        track_page *other;
        std::uint64_t attaches;
    };

    void look_for_waiting(const std::vector<seen_thread> &threads);

    void report_waiting(const std::vector<seen_thread> &threads);

    struct finding {
        std::string what;
        std::string remedy;
    };

    finding diagnosis(const std::vector<seen_thread> &threads, const seen_thread &waiter,
                      const seen_thread *holder) const;

    static constexpr std::chrono::milliseconds look_again{50};

    /// The waiting thread that has the holdfast::mutex for which the holder has called try_lock()
    /// since it had failed `tries` times; null: it does not try for one.
    static const seen_thread *owner_of_tried_mutex(const std::vector<seen_thread> &threads,
                                                   const seen_thread &holder, std::uint64_t tries);

    finding why_it_holds(const std::vector<seen_thread> &threads, const seen_thread &holder) const;

    // --- mutexes ------------------------------------------------------------------------------

    void look_for_locks(const std::vector<seen_thread> &threads);

    static std::string lock_text(const call_site *made, std::uint64_t address);

    static bool has_lock(const seen_thread &one, std::uint64_t address);

    /// Whether `first` waits for a mutex of a thread that waits, directly or through others, for a
    /// mutex that `first` has.
    static bool waits_in_a_circle(const std::vector<seen_thread> &threads,
                                  const seen_thread &first);

    void report_locks(const std::vector<seen_thread> &threads);

    // --- worker processes ---------------------------------------------------------------------

    struct late_worker {
        track_page *page;
        std::uint64_t since;
    };

    void look_for_workers();

    // --- a drain ------------------------------------------------------------------------------

    void look_for_drain(const std::vector<seen_thread> &threads);

    void report_drain(const std::vector<seen_thread> &threads, double ms);

    static std::string activity_text(const std::vector<seen_thread> &threads,
                                     std::uint64_t native_id);

    // --- reports ------------------------------------------------------------------------------

    static const char *stacks_missing() noexcept;

    static void add_stack(std::string &text, const std::string &stacks, std::uint64_t thread_id,
                          const char *indent);

    /// Writes with one system call, not through stdio, whose lock another thread may hold.
    void say(const std::string &text);

    process_record &shared_;
    recorder &file_;
    const double limit_ms_;
    std::vector<remembered> waiting_;
    bool wait_reported_ = false;
    bool lock_reported_ = false;
    bool drain_reported_ = false;
    std::vector<late_worker> workers_reported_;
    std::uint64_t drain_since_ = 0;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/watch/watchdog.ipp>
#include <holdfast/watch/watchdog.locks.ipp>
#include <holdfast/watch/watchdog.waits.ipp>
#endif
