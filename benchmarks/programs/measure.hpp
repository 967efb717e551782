// measure.hpp: the measuring loop that all contenders share, and the JSON they print.
//
// It depends on neither Python nor holdfast: all contenders use the same clock and the same loop.
// pyo3/main.rs says the same in Rust.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

namespace bench {

/// What the driver asks for on the command line.
struct request {
    std::string measure;
    int threads = 1;        // native threads that call at the same time
    double sample_ms = 20;  // shortest time that is worth a look at the clock
    int samples = 5;
    long calls = 0;      // not 0: exactly so many calls, once; for counting system calls
    long crowd = 20000;  // threads that attach once and exit, for `memory`
};

/// Nanoseconds per call, one per sample, unless the measure says otherwise.
using samples = std::vector<double>;

struct measure {
    const char *name;
    samples (*take)(const request &);
};

inline double now_ns() {
    return std::chrono::duration<double, std::nano>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

template <class Body>
double time_calls(long calls, Body &body) {
    const double begun = now_ns();
    for (long i = 0; i < calls; ++i)
        body();
    return now_ns() - begun;
}

/// Calls `body` until each sample lasts at least `sample_ms`. The calls that find out how
/// often that is warm the caches; they are not counted.
template <class Body>
samples repeat(const request &asked, Body &&body) {
    if (asked.calls > 0)
        return {time_calls(asked.calls, body) / static_cast<double>(asked.calls)};
    const double wanted = asked.sample_ms * 1e6;
    long calls = 1;
    for (double took = 0; (took = time_calls(calls, body)) < wanted;) {
        const double factor = took > 0 ? wanted / took * 1.2 : 16;
        calls = static_cast<long>(static_cast<double>(calls) * (factor < 16 ? factor : 16)) + 1;
    }
    samples taken;
    for (int i = 0; i < asked.samples; ++i)
        taken.push_back(time_calls(calls, body) / static_cast<double>(calls));
    return taken;
}

/// Runs `work` on a thread that Python did not make, and waits for it.
template <class Work>
samples on_native_thread(Work &&work) {
    samples taken;
    std::thread([&] { taken = work(); }).join();
    return taken;
}

/// All threads call until the time is up: wall time in nanoseconds, divided by the calls of all threads.
template <class Body>
samples repeat_on_threads(const request &asked, const Body &body) {
    samples taken;
    for (int i = 0; i < asked.samples; ++i) {
        std::atomic<int> ready{0};
        std::atomic<bool> go{false};
        std::atomic<bool> stop{false};
        std::atomic<long> total{0};
        std::vector<std::thread> crew;
        for (int t = 0; t < asked.threads; ++t)
            crew.emplace_back([&] {
                body();  // what the first call of a thread costs is another question
                long calls = 0;
                ready.fetch_add(1);
                while (!go.load(std::memory_order_acquire))
                    std::this_thread::yield();
                while (!stop.load(std::memory_order_relaxed))
                    for (int n = 0; n < 16; ++n, ++calls)
                        body();
                total.fetch_add(calls);
            });
        while (ready.load() < asked.threads)
            std::this_thread::yield();
        const double begun = now_ns();
        go.store(true, std::memory_order_release);
        // Long beside the 5 ms after which a waiting thread asks for the GIL.
        std::this_thread::sleep_for(
            std::chrono::duration<double, std::milli>(asked.sample_ms * 10));
        stop.store(true, std::memory_order_relaxed);
        for (std::thread &thread : crew)
            thread.join();
        taken.push_back((now_ns() - begun) / static_cast<double>(total.load()));
    }
    return taken;
}

/// Resident memory, in bytes. Not from statm, which lags behind by some pages per thread.
inline double resident_bytes() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string word; rollup >> word;)
        if (word == "Rss:") {
            double kibibytes = 0;
            rollup >> kibibytes;
            return kibibytes * 1024;
        }
    std::fprintf(stderr, "benchmark: /proc/self/smaps_rollup has no Rss\n");
    std::exit(1);
}

/// By how many bytes the process has grown after `crowd` threads, eight at a time, ran `body` once
/// and exited.
template <class Body>
samples growth(const request &asked, const Body &body) {
    const auto pass_through = [&](long count) {
        for (long i = 0; i < count; i += 8) {
            std::vector<std::thread> some;
            for (int t = 0; t < 8; ++t)
                some.emplace_back(body);
            for (std::thread &thread : some)
                thread.join();
        }
    };
    pass_through(asked.crowd / 100 + 1);  // what the first threads of any program cost
    const double before = resident_bytes();
    pass_through(asked.crowd);
    return {resident_bytes() - before};
}

/// Runs this program again with another measure: how long that process lives, loading included.
inline samples whole_process(const char *measure) {
    const char *const words[] = {"/proc/self/exe", "--measure", measure, nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    const double begun = now_ns();
    pid_t child = 0;
    int status = -1;
    if (posix_spawn(&child, words[0], &quiet, nullptr, const_cast<char **>(words), environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0) {
        std::fprintf(stderr, "benchmark: the process of '%s' failed\n", measure);
        std::exit(1);
    }
    const double took = now_ns() - begun;
    posix_spawn_file_actions_destroy(&quiet);
    return {took};
}

inline void print(const char *contender, const char *version, const request &asked,
                  const samples &taken) {
    std::printf("{\"contender\": \"%s\", \"version\": \"%s\", \"measure\": \"%s\", \"samples\": [",
                contender, version, asked.measure.c_str());
    for (std::size_t i = 0; i < taken.size(); ++i)
        std::printf("%s%.3f", i > 0 ? ", " : "", taken[i]);
    std::printf("]}\n");
}

/// The main function of a contender: runs the measurement that argv names. Status 2: it has no such one.
template <std::size_t Count>
int run(int argc, char **argv, const char *contender, const char *version,
        const measure (&measures)[Count]) {
    request asked;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        const char *const value = argv[i + 1];
        if (option == "--measure")
            asked.measure = value;
        else if (option == "--threads")
            asked.threads = std::atoi(value);
        else if (option == "--sample-ms")
            asked.sample_ms = std::atof(value);
        else if (option == "--samples")
            asked.samples = std::atoi(value);
        else if (option == "--calls")
            asked.calls = std::atol(value);
        else if (option == "--crowd")
            asked.crowd = std::atol(value);
    }
    for (const measure &known : measures)
        if (asked.measure == known.name) {
            print(contender, version, asked, known.take(asked));
            return 0;
        }
    std::fprintf(stderr, "%s has no measure '%s'\n", contender, asked.measure.c_str());
    return 2;
}

}  // namespace bench
