// isolated_executor: under random kills, crashes and limits no task is lost, and nothing is left behind.
// deadline: 60
// short-run: no
#include <holdfast/holdfast.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>

#include "check.hpp"
#include "open_files.hpp"
#include "scratch_folder.hpp"
#include "with_workers.hpp"

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using holdfast::function;

namespace {

const char *const app = R"(
import faulthandler, os, time

def add(a, b): return a + b
def crash(): faulthandler._sigsegv()
def leave(): os._exit(3)
def stuck(): sum(range(10 ** 15))
def asleep(): time.sleep(1000)
def hog(): return len(bytearray(1 << 30))
def fails(): raise ValueError("no")
def back(data): return data
)";

struct totals {
    std::atomic<long> answered{0};
    std::atomic<long> failed{0};
    std::atomic<long> wrong{0};
};

/// What a task was, to judge how its future ends.
struct expected {
    int kind;
    int number;
    std::future<double> value;
    std::future<holdfast::bytes> data;
    std::future<void> nothing;
};

void judge(expected &one, totals &all) {
    try {
        if (one.kind < 60) {
            all.wrong += one.value.get() == one.number + 0.5 ? 0 : 1;
        } else if (one.kind < 70) {
            const holdfast::bytes data = one.data.get();
            all.wrong += data.data == std::string(100000, static_cast<char>(one.number)) ? 0 : 1;
        } else {
            one.nothing.get();
            all.wrong += 1;  // none of them returns
        }
        ++all.answered;
    } catch (const holdfast::worker_error &) {
        ++all.failed;  // its own doing, or a kill from outside
    } catch (const holdfast::deadline_error &) {
        ++all.failed;
    } catch (const holdfast::python_error &raised) {
        all.wrong += raised.type() == "ValueError" ? 0 : 1;
        ++all.failed;
    }
}

expected submit_any(holdfast::isolated_executor &pool, std::mt19937_64 &random) {
    static const function<double(double, double)> add{"app", "add"};
    static const function<holdfast::bytes(holdfast::bytes)> back{"app", "back"};
    static const char *const bad[] = {"crash", "leave", "stuck", "asleep", "hog", "fails"};
    expected one{static_cast<int>(random() % 80), static_cast<int>(random() % 100), {}, {}, {}};
    if (one.kind < 60)
        one.value = pool.submit(add, one.number, 0.5);
    else if (one.kind < 70)
        one.data =
            pool.submit(back, holdfast::bytes{std::string(100000, static_cast<char>(one.number))});
    else
        one.nothing = pool.submit_named<void>("app", bad[random() % 6]);
    return one;
}

void submit_for(holdfast::isolated_executor &pool, std::uint64_t seed, clock_type::time_point end,
                totals &all) {
    std::mt19937_64 random(seed);
    while (clock_type::now() < end) {
        std::vector<expected> batch;
        for (std::size_t i = random() % 30 + 1; i-- > 0;)
            batch.push_back(submit_any(pool, random));
        for (expected &one : batch)
            judge(one, all);
    }
}

/// Kills one of our workers; not what has its number after it.
bool kill_child(int pid) {
    siginfo_t facts{};
    return waitid(P_PID, static_cast<id_t>(pid), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           kill(pid, SIGKILL) == 0;
}

}  // namespace

int main(int argc, char **argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 4;
    const std::uint64_t seed =
        argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device()();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    const scratch_folder folder;
    std::ofstream(folder.path() / "app.py") << app;
    const std::size_t files = open_files();
    totals all;
    std::atomic<long> restarts{0};
    long kills = 0;
    {
        std::mutex mutex;
        std::vector<int> known;
        holdfast::isolated_config config = with_workers(3, folder);
        config.limit = 200ms;
        config.memory = std::size_t{300} << 20U;
        config.tasks_per_worker = 400;
        config.on_event = [&](const holdfast::worker_event &event) {
            const std::lock_guard<std::mutex> hold(mutex);
            if (event.what == holdfast::worker_event::kind::ended) {
                known.erase(std::remove(known.begin(), known.end(), event.pid), known.end());
            } else {
                known.push_back(event.pid);
                ++restarts;
            }
        };
        holdfast::isolated_executor pool(config);
        const auto end = clock_type::now() + std::chrono::duration<double>(seconds);
        std::vector<std::thread> users;
        for (std::uint64_t i = 1; i <= 3; ++i)
            users.emplace_back([&, i] {
                submit_for(pool, seed + i, std::chrono::time_point_cast<clock_type::duration>(end),
                           all);
            });
        // Random moments are what this is about.
        std::mt19937_64 random(seed);
        while (clock_type::now() < end) {
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 60000));
            const std::lock_guard<std::mutex> hold(mutex);
            if (!known.empty() && kill_child(known[random() % known.size()]))
                ++kills;
        }
        for (std::thread &one : users)
            one.join();
        CHECK(pool.drain(30s) && pool.waiting() == 0);
    }
    std::printf("%ld answered, %ld failed, %ld wrong, %ld kills, %ld workers\n",
                all.answered.load(), all.failed.load(), all.wrong.load(), kills, restarts.load());
    CHECK(all.wrong.load() == 0 && all.answered.load() > 0 && restarts.load() > 3);
    CHECK(open_files() == files);
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD);
}
