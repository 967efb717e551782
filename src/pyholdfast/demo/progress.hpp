// progress.hpp: shows the demo's progress on stderr while it runs. No Python here.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include <unistd.h>

namespace demo {

/// 1234567 as "1 234 567".
inline std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, 1, ' ');
    return digits;
}

/// Counts the surveyed files and shows the number until the work has ended.
///
/// Threads: add() and finish() from any thread; watch() on one.
class progress {
public:
    explicit progress(std::size_t files) : files_(files) {}

    void add(std::uint64_t lines) noexcept {
        lines_.fetch_add(lines, std::memory_order_relaxed);
        done_.fetch_add(1, std::memory_order_relaxed);
    }

    /// The work has ended, successfully or not.
    void finish() {
        {
            const std::lock_guard<std::mutex> hold(mutex_);
            finished_ = true;
        }
        changed_.notify_all();
    }

    /// On a terminal, rewrites one line ten times a second; elsewhere, writes a line each second.
    void watch() {
        const bool terminal = isatty(STDERR_FILENO) != 0;
        const auto pause = std::chrono::milliseconds(terminal ? 100 : 1000);
        std::unique_lock<std::mutex> hold(mutex_);
        while (!changed_.wait_for(hold, pause, [this] { return finished_; }))
            std::fprintf(stderr, terminal ? "\r%s\x1b[K" : "%s\n", text().c_str());
        if (terminal)
            std::fputs("\r\x1b[K", stderr);
    }

private:
    [[nodiscard]] std::string text() const {
        return grouped(done_.load()) + " of " + grouped(files_) + " files, " +
               grouped(lines_.load()) + " lines";
    }

    const std::size_t files_;
    std::atomic<std::size_t> done_{0};
    std::atomic<std::uint64_t> lines_{0};
    std::mutex mutex_;  // guards finished_
    std::condition_variable changed_;
    bool finished_ = false;
};

}  // namespace demo
