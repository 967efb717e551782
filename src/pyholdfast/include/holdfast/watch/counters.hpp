// holdfast/watch/counters.hpp: counts attaches, waits and holds, and shows who waits now.
//
// Each thread counts into a page of its own, in memory. No thread writes what another one writes.
// `holdfast top` reads a copy of these pages that is written to a file. A reading shows one moment
// of a running process: two numbers of a thread may be one attach apart.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/trace/word_copy.hpp>
#include <holdfast/watch/trace_setup.hpp>

namespace holdfast {

/// What a thread is doing, as far as holdfast knows.
enum class thread_phase : unsigned char {
    native,   ///< detached
    waiting,  ///< it wants to attach
    attached,
    ended,
};

/// Totals of attaches. Times include a wait or hold that is still going on.
struct attach_counters {
    std::uint64_t attaches = 0;
    std::uint64_t calls = 0;  ///< typed calls
    std::uint64_t tasks = 0;  ///< of pools
    std::chrono::nanoseconds wait_total{0};
    std::chrono::nanoseconds hold_total{0};
    std::chrono::nanoseconds longest_wait{0};
    std::chrono::nanoseconds longest_hold{0};
};

/// One thread that has attached at least once.
struct thread_counters : attach_counters {
    std::uint64_t native_id = 0;
    std::string name;  ///< the system's
    thread_phase phase = thread_phase::native;
    std::chrono::nanoseconds since{0};  ///< how long it has been in this phase
};

/// The whole process. The totals include threads that have ended.
struct process_counters : attach_counters {
    bool counting = false;      ///< false: counting was not started, and everything else is zero
    std::uint64_t waiting = 0;  ///< threads that wait to attach now
    /// Threads that are attached now. Those that take turns inside Python code all count, so there
    /// may be more than one on a build with a GIL.
    std::uint64_t attached = 0;
    std::vector<thread_counters> threads;
};

namespace detail {

/// Reads tracks as of one instant. Ticks.
struct track_reader {
    const recorder &file;
    std::uint64_t now;

    [[nodiscard]] std::chrono::nanoseconds time(std::uint64_t ticks) const noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(file.to_ns(ticks)));
    }

    [[nodiscard]] thread_counters read(const track_page &page) const {
        thread_counters one;
        const track_state state = page.state.load(std::memory_order_acquire);
        const std::uint64_t since = page.since.load(std::memory_order_relaxed);
        const std::uint64_t going_on = since < now ? now - since : 0;
        std::uint64_t waited = page.wait_total.load(std::memory_order_relaxed);
        std::uint64_t held = page.hold_total.load(std::memory_order_relaxed);
        std::uint64_t longest_wait = page.longest_wait.load(std::memory_order_relaxed);
        std::uint64_t longest_hold = page.longest_hold.load(std::memory_order_relaxed);
        if (state == track_state::waiting) {
            one.phase = thread_phase::waiting;
            waited += going_on;
            longest_wait = std::max(longest_wait, going_on);
        } else if (state == track_state::attached) {
            one.phase = thread_phase::attached;
            held += going_on;
            longest_hold = std::max(longest_hold, going_on);
        } else if (state == track_state::ended) {
            one.phase = thread_phase::ended;
        }
        one.native_id = page.native_id.load(std::memory_order_relaxed);
        std::uint64_t name[sizeof page.name / sizeof(std::uint64_t)];
        load_words(name, page.name, sizeof page.name);
        one.name.assign(reinterpret_cast<const char *>(name),
                        strnlen(reinterpret_cast<const char *>(name), sizeof name));
        one.since = time(going_on);
        one.attaches = page.attaches.load(std::memory_order_relaxed);
        one.calls = page.calls.load(std::memory_order_relaxed);
        one.tasks = page.tasks.load(std::memory_order_relaxed);
        one.wait_total = time(waited);
        one.hold_total = time(held);
        one.longest_wait = time(longest_wait);
        one.longest_hold = time(longest_hold);
        return one;
    }
};

HOLDFAST_DETAIL_RARE inline void add_to(attach_counters &total,
                                        const attach_counters &one) noexcept {
    total.attaches += one.attaches;
    total.calls += one.calls;
    total.tasks += one.tasks;
    total.wait_total += one.wait_total;
    total.hold_total += one.hold_total;
    total.longest_wait = std::max(total.longest_wait, one.longest_wait);
    total.longest_hold = std::max(total.longest_hold, one.longest_hold);
}

/// Prometheus' text exposition format, one metric after the other.
class metrics_text {
public:
    void begin(const char *name, const char *type, const char *help) {
        name_ = name;
        text_.append("# HELP ").append(name).append(" ").append(help);
        text_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
    }
    void add(double value, const thread_counters *thread = nullptr) {
        text_ += name_;
        if (thread != nullptr)
            text_ += "{thread=\"" + escaped(thread->name) + "\",id=\"" +
                     std::to_string(thread->native_id) + "\"}";
        char number[40];
        std::snprintf(number, sizeof number, " %.9g\n", value);
        text_ += number;
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    static std::string escaped(const std::string &text) {
        std::string result;
        for (const char letter : text) {
            if (letter == '\\' || letter == '"')
                result += '\\';
            result += letter == '\n' ? ' ' : letter;
        }
        return result;
    }

    const char *name_ = "";
    std::string text_;
};

}  // namespace detail

/// Starts counting, for the whole process and until it ends; HOLDFAST_COUNTERS=1 does the same. A
/// watchdog or a trace also counts. It adds to each attach what a trace adds.
/// \throws startup_error  HF801 the file in shared memory cannot be created.
HOLDFAST_DETAIL_RARE inline void start_counters() {
    detail::begin_tracing({"", detail::no_report});
}

/// The counts so far. It waits for nothing: neither for Python nor for the threads that count.
///
/// Threads: any, at any time, attached or not, also before Python has started and after it has
/// ended.
HOLDFAST_DETAIL_RARE inline process_counters read_counters() {
    process_counters all;
    detail::recorder *const file = detail::process().record_file.load(std::memory_order_acquire);
    if (file == nullptr)
        return all;
    const detail::track_reader reader{*file, file->now()};
    detail::trace_header &header = file->header();
    all.counting = true;
    all.attaches = header.past_attaches.load(std::memory_order_relaxed);
    all.wait_total = reader.time(header.past_wait_total.load(std::memory_order_relaxed));
    all.hold_total = reader.time(header.past_hold_total.load(std::memory_order_relaxed));
    file->for_each_track([&](const detail::track_page &page) {
        if (page.is_worker.load(std::memory_order_relaxed) != 0)
            return;  // isolated_executor::counters() has them
        all.threads.push_back(reader.read(page));
        const thread_counters &one = all.threads.back();
        detail::add_to(all, one);
        all.waiting += one.phase == thread_phase::waiting ? 1U : 0U;
        all.attached += one.phase == thread_phase::attached ? 1U : 0U;
    });
    return all;
}

/// The same as text for a Prometheus scraper: serve it under /metrics, as text/plain;
/// version=0.0.4.
HOLDFAST_DETAIL_RARE inline std::string prometheus_text(const process_counters &all) {
    using seconds = std::chrono::duration<double>;
    detail::metrics_text text;
    const auto one = [&](const char *name, const char *type, const char *help, double value) {
        text.begin(name, type, help);
        text.add(value);
    };
    const auto each = [&](const char *name, const char *type, const char *help, auto value) {
        text.begin(name, type, help);
        for (const thread_counters &thread : all.threads)
            if (thread.phase != thread_phase::ended)
                text.add(value(thread), &thread);
    };
    one("holdfast_attaches_total", "counter", "Attaches of all threads.",
        static_cast<double>(all.attaches));
    one("holdfast_wait_seconds_total", "counter", "Time that threads waited to attach.",
        seconds(all.wait_total).count());
    one("holdfast_hold_seconds_total", "counter", "Time that threads were attached.",
        seconds(all.hold_total).count());
    one("holdfast_longest_wait_seconds", "gauge", "The longest wait so far.",
        seconds(all.longest_wait).count());
    one("holdfast_longest_hold_seconds", "gauge", "The longest hold so far.",
        seconds(all.longest_hold).count());
    one("holdfast_threads_waiting", "gauge", "Threads that wait to attach now.",
        static_cast<double>(all.waiting));
    one("holdfast_threads_attached", "gauge", "Threads that are attached now.",
        static_cast<double>(all.attached));
    each("holdfast_thread_attaches_total", "counter", "Attaches of a thread.",
         [](const thread_counters &thread) { return static_cast<double>(thread.attaches); });
    each("holdfast_thread_wait_seconds_total", "counter", "Time that a thread waited to attach.",
         [](const thread_counters &thread) { return seconds(thread.wait_total).count(); });
    each("holdfast_thread_hold_seconds_total", "counter", "Time that a thread was attached.",
         [](const thread_counters &thread) { return seconds(thread.hold_total).count(); });
    return text.take();
}

}  // namespace holdfast
