// isolated_side.cpp: calls in worker processes, and what they are compared with: a bare wake-up between
// two processes, a copy of memory, and Python's own pools, which run in a worker of ours.
#include <holdfast/buffer.hpp>
#include <holdfast/isolated.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.hpp"

namespace {

using memory = holdfast::memory_view;

const holdfast::function<long(long)> small_call{"operator", "neg"};
const holdfast::function<std::vector<double>(std::vector<double>)> list_call{"builtins", "list"};
const holdfast::function<double(memory)> memory_in{"isolated_peers", "first"};
const holdfast::function<memory(memory)> memory_back{"isolated_peers", "same"};
constexpr std::size_t outstanding = 64;
constexpr std::size_t eight_mb = std::size_t{8} << 20U;

holdfast::isolated_config with_workers(int count) {
    holdfast::isolated_config config;
    config.workers = static_cast<std::size_t>(count);
    config.module_search_paths = {std::filesystem::path(__FILE__).parent_path()};
    config.start_limit = std::chrono::minutes(1);
    return config;
}

/// A word that two processes share, and that one of them waits for.
class turn {
public:
    turn()
        : word_(*new (mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                           0)) std::atomic<std::uint32_t>(0)) {}

    void pass_on(std::uint32_t to) {
        word_.store(to, std::memory_order_seq_cst);
        syscall(SYS_futex, &word_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }
    void wait_for(std::uint32_t wanted) {
        for (std::uint32_t now = 0; (now = word_.load(std::memory_order_seq_cst)) != wanted;)
            syscall(SYS_futex, &word_, FUTEX_WAIT, now, nullptr, nullptr, 0);
    }

private:
    std::atomic<std::uint32_t> &word_;
};

/// There and back between two processes, without any message.
bench::samples ping_pong(const bench::request &asked) {
    turn here;
    turn there;
    const pid_t child = fork();
    if (child == 0)
        for (std::uint32_t round = 1;; ++round) {
            there.wait_for(round);
            here.pass_on(round);
        }
    std::uint32_t round = 0;
    bench::samples taken = bench::repeat(asked, [&] {
        there.pass_on(++round);
        here.wait_for(round);
    });
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return taken;
}

bench::samples blocking_call(const bench::request &asked) {
    holdfast::isolated_executor pool(with_workers(1));
    return bench::repeat(asked, [&] { pool.call(small_call, 5); });
}

bench::samples future_call(const bench::request &asked) {
    holdfast::isolated_executor pool(with_workers(1));
    return bench::repeat(asked, [&] { pool.submit(small_call, 5).get(); });
}

/// Calls of which the last 64 are on their way.
template <class Result, class... Args>
bench::samples in_flight(const bench::request &asked, const holdfast::function<Result(Args...)> &f,
                         const Args &...given) {
    holdfast::isolated_executor pool(with_workers(asked.threads));
    std::deque<std::future<Result>> results;
    bench::samples taken = bench::repeat(asked, [&] {
        results.push_back(pool.submit(f, given...));
        if (results.size() < outstanding)
            return;
        results.front().get();
        results.pop_front();
    });
    for (std::future<Result> &one : results)
        one.get();
    return taken;
}

bench::samples calls_in_flight(const bench::request &asked) {
    return in_flight(asked, small_call, 5L);
}

bench::samples lists_in_flight(const bench::request &asked) {
    return in_flight(asked, list_call, std::vector<double>(1000, 0.5));
}

bench::samples copy_8_mb(const bench::request &asked) {
    const std::vector<char> from(eight_mb, 'x');
    std::vector<char> to(eight_mb, 'y');
    return bench::repeat(asked, [&] {
        std::memcpy(to.data(), from.data(), eight_mb);
        asm volatile("" : : "r"(to.data()) : "memory");
    });
}

bench::samples pass_8_mb(const bench::request &asked) {
    holdfast::isolated_executor pool(with_workers(1));
    const memory large(std::string(eight_mb, 'x'));
    return bench::repeat(asked, [&] { pool.call(memory_in, large); });
}

bench::samples pass_8_mb_back(const bench::request &asked) {
    holdfast::isolated_executor pool(with_workers(1));
    const memory large(std::string(eight_mb, 'x'));
    return bench::repeat(asked, [&] { pool.call(memory_back, large); });
}

/// What the process has for itself, and its part of what it shares.
bench::samples idle_workers(const bench::request &asked) {
    holdfast::isolated_executor pool(with_workers(asked.threads));
    holdfast::isolated_counters now;
    while (now.workers.size() < static_cast<std::size_t>(asked.threads)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        now = pool.counters();
    }
    double bytes = 0;
    const holdfast::function<double(int)> proportional{"isolated_peers", "proportional_bytes"};
    holdfast::isolated_executor other(with_workers(1));
    for (const holdfast::isolated_worker_counters &one : now.workers)
        bytes += other.call(proportional, one.pid);
    return {bytes};
}

/// A function of isolated_peers.py that measures, in a process of its own.
template <class... Args>
bench::samples by_python(const char *name, Args... given) {
    holdfast::isolated_executor pool(with_workers(1));
    return pool.submit_named<std::vector<double>>("isolated_peers", name, given...).get();
}

bench::samples executor_calls(const bench::request &asked) {
    return by_python("executor_calls", asked.threads, asked.sample_ms, asked.samples, 0);
}
bench::samples executor_lists(const bench::request &asked) {
    return by_python("executor_calls", asked.threads, asked.sample_ms, asked.samples, 1000);
}
bench::samples pool_calls(const bench::request &asked) {
    return by_python("pool_calls", asked.threads, asked.sample_ms, asked.samples);
}
bench::samples executor_memory_spawn(const bench::request &asked) {
    return by_python("executor_memory", asked.threads, "spawn");
}
bench::samples executor_memory_forkserver(const bench::request &asked) {
    return by_python("executor_memory", asked.threads, "forkserver");
}

constexpr bench::measure measures[] = {
    {"ping_pong", ping_pong},
    {"blocking_call", blocking_call},
    {"future_call", future_call},
    {"calls_in_flight", calls_in_flight},
    {"lists_in_flight", lists_in_flight},
    {"copy_8_mb", copy_8_mb},
    {"pass_8_mb", pass_8_mb},
    {"pass_8_mb_back", pass_8_mb_back},
    {"idle_workers", idle_workers},
    {"executor_calls", executor_calls},
    {"executor_lists", executor_lists},
    {"pool_calls", pool_calls},
    {"executor_memory_spawn", executor_memory_spawn},
    {"executor_memory_forkserver", executor_memory_forkserver},
};

}  // namespace

int main(int argc, char **argv) { return bench::run(argc, argv, "isolated", PY_VERSION, measures); }
