// world.hpp: what all threads of one interpreter's life share, and what must be true of it at the end.
#pragma once

#include <holdfast/holdfast.hpp>

#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../programs/interop_library.hpp"
#include "../tsan/stress.hpp"

namespace stress {

/// Set by watch_forks(). Only the forking thread is there, and a lock that another held is never released.
inline std::atomic<bool> in_forked_child{false};
inline constexpr unsigned child_limit_s = 10;

/// Reports where a forked child hangs, and whether it was running or asleep; then ends it.
inline void end_of_hung_child(int) {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    char text[160];
    const int length =
        std::snprintf(text, sizeof text,
                      "child %ld not done after %u s: %ld ms of processor, %ld waits; it is in\n",
                      static_cast<long>(getpid()), child_limit_s,
                      static_cast<long>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
                          static_cast<long>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000,
                      used.ru_nvcsw);
    if (write(STDERR_FILENO, text, static_cast<std::size_t>(length)) == length) {
        void *frames[64];
        backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    }
    signal(SIGALRM, SIG_DFL);
    raise(SIGALRM);
}

/// From now on a forked child that hangs, also within fork() itself, is ended by a signal: its parent sees it.
inline void watch_forks() {
    void *frame = nullptr;
    backtrace(&frame, 1);  // loads what it needs; in a child that could hang
    signal(SIGALRM, &end_of_hung_child);
    pthread_atfork(nullptr, nullptr, [] {
        in_forked_child.store(true);
        alarm(child_limit_s);
    });
}

/// What happened, summed over all threads.
struct counters {
    std::atomic<long> operations{0};
    std::atomic<long> admitted{0};   // guards that were granted
    std::atomic<long> completed{0};  // and that came to the end of their scope
    std::atomic<long> refused{0};
    std::atomic<long> called{0};    // calls of Python functions that began
    std::atomic<long> returned{0};  // and that came back, by a result or an exception
    std::atomic<long> threads{0};   // native threads that were started
    std::atomic<long> forks{0};
    std::atomic<long> finalizers{0};
};

/// One life of Python: from the start to the end.
///
/// Lock order: locks[0], locks[1], locks[2], then of_finalizers. `pool_mutex` is a leaf: no Python call
/// and no other lock under it. A thread that holds any of them starts, joins and waits for nobody.
struct world {
    explicit world(const interop_library &loaded) : library(loaded) {}

    holdfast::interpreter_view view;
    const interop_library &library;
    counters count;
    std::atomic<bool> gone{false};  // finalize() has returned "finalized": no Python any more
    std::array<holdfast::mutex, 3> locks;
    holdfast::mutex of_finalizers;  // what __del__ takes, on whatever thread the collector runs
    std::mutex pool_mutex;
    std::vector<holdfast::object> pool;

    /// Puts an object where other threads, attached or not, find and drop it.
    void give(holdfast::object object) {
        const std::lock_guard<std::mutex> hold(pool_mutex);
        pool.push_back(std::move(object));
    }
    [[nodiscard]] holdfast::object take() {
        const std::lock_guard<std::mutex> hold(pool_mutex);
        if (pool.empty())
            return {};
        holdfast::object last = std::move(pool.back());
        pool.pop_back();
        return last;
    }
};

/// Counts a guard that was granted until its scope ends in any way.
class present {
public:
    explicit present(world &where) : world_(where) { where.count.admitted.fetch_add(1); }
    present(const present &) = delete;
    present &operator=(const present &) = delete;
    ~present() {
        MUST(!world_.gone.load());  // nobody who was admitted is left behind
        world_.count.completed.fetch_add(1);
    }

private:
    world &world_;
};

/// Counts a call until it returns or throws.
class call_under_way {
public:
    explicit call_under_way(world &where) : world_(where) { where.count.called.fetch_add(1); }
    call_under_way(const call_under_way &) = delete;
    call_under_way &operator=(const call_under_way &) = delete;
    ~call_under_way() { world_.count.returned.fetch_add(1); }

private:
    world &world_;
};

// Where a __del__ takes a lock that others hold while they call Python, no first import may happen later on:
// its lock would be taken in both orders. That is the application's order to keep, so all is imported here,
// also what `traceback` of 3.15 imports when it is first used.
inline const char *const python_side =
    "import gc, os, sys, threading, traceback, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "def work(n): return sum(range(n))\n"
    "def fail(n): raise ValueError(n)\n"
    "def fork(): return os.fork()\n"
    "def deep(function, n): return function() if n == 0 else deep(function, n - 1)\n"
    "class Thing:\n"  // a cycle: only the collector ends it, on whichever thread it runs
    "    def __init__(self, end): self.me, self.end = self, end\n"
    "    def __del__(self): self.end()\n"
    "def litter(end):\n"
    "    for _ in range(20): Thing(end)\n"
    "def in_thread(function, join):\n"
    "    thread = threading.Thread(target=function, daemon=False)\n"  // a native thread's is a daemon else
    "    thread.start()\n"
    "    if join: thread.join()\n"
    "try: fail(0)\n"
    "except ValueError: traceback.format_exc()\n"
    "traceback.format_stack()\n"
    "gc.set_threshold(50)\n";

// At namespace scope, as in a host: each looks its function up again in every interpreter.
inline const holdfast::function<long(long)> work{"__main__", "work"};
inline const holdfast::function<long(long)> fail_in_python{"__main__", "fail"};
inline const holdfast::function<holdfast::object(const holdfast::object &, long)> deep{"__main__",
                                                                                       "deep"};
inline const holdfast::function<void(const holdfast::object &)> litter{"__main__", "litter"};
inline const holdfast::function<void(const holdfast::object &, bool)> in_thread{"__main__",
                                                                                "in_thread"};
inline const holdfast::function<long()> collect{"gc", "collect"};
inline const holdfast::function<long()> fork_by_python{"__main__", "fork"};

/// Exceptions that Python may raise here: requested ones, and those about starting a thread at its end.
inline bool is_expected(const holdfast::python_error &problem) {
    const std::string &type = problem.type();
    return type == "ValueError" || type == "RuntimeError" || type == "PythonFinalizationError";
}

}  // namespace stress
