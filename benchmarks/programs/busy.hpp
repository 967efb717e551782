// busy.hpp: a crew that calls without a pause, of threads or of processes, and what it takes.
//
// Knows neither Python nor holdfast. The counts lie where threads and forked processes see them alike.
#pragma once

#include "measure.hpp"

#include <atomic>
#include <fstream>
#include <new>
#include <string>
#include <thread>

#include <sys/mman.h>

namespace bench {

struct busy_counts {
    std::atomic<int> ready{0};  // have called once, and wait
    std::atomic<bool> go{false};
    std::atomic<bool> stop{false};
    std::atomic<long> calls{0};
    std::atomic<long> bytes{0};  // of memory, where each member counts its own
    std::atomic<int> counted{0};
};

/// Memory of the process in bytes; shared memory is divided among the processes that share it.
inline double proportional_bytes() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string word; rollup >> word;)
        if (word == "Pss:") {
            double kibibytes = 0;
            rollup >> kibibytes;
            return kibibytes * 1024;
        }
    std::fprintf(stderr, "benchmark: /proc/self/smaps_rollup has no Pss\n");
    std::exit(1);
}

inline busy_counts &shared_counts() {
    void *const place = mmap(nullptr, sizeof(busy_counts), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) {
        std::perror("benchmark: mmap");
        std::exit(1);
    }
    return *new (place) busy_counts;
}

/// A member's part. `detached(action)` runs it where no other member needs to wait for this one.
template <class Detached, class Body>
void be_busy(busy_counts &counts, const Detached &detached, const Body &body) {
    body();  // what the first call costs is another question
    counts.ready.fetch_add(1);
    detached([&counts] {
        while (!counts.go.load(std::memory_order_acquire))
            std::this_thread::yield();
    });
    long calls = 0;
    for (; !counts.stop.load(std::memory_order_relaxed); ++calls)
        body();
    counts.calls.fetch_add(calls);
}

/// The other part: wall time in nanoseconds, divided by the calls of all members.
inline samples time_busy(const request &asked, busy_counts &counts) {
    while (counts.ready.load() < asked.threads)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double begun = now_ns();
    counts.go.store(true, std::memory_order_release);
    std::this_thread::sleep_for(
        std::chrono::duration<double, std::milli>(asked.sample_ms * 10 * asked.samples));
    counts.stop.store(true, std::memory_order_relaxed);
    return {now_ns() - begun};
}

/// When the crew has ended.
inline samples per_call(const samples &wall, const busy_counts &counts) {
    return {wall.front() / static_cast<double>(counts.calls.load())};
}

}  // namespace bench
