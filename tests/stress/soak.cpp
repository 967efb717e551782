// soak.cpp: many threads, long, through several lives of Python; prints what became of it, as JSON lines.
//
//     soak SECONDS THREADS LIVES
//
// Each worker calls, and now and then throws, waits detached, nests, or ends so that a new thread takes its
// place. Each life ends by finalize() while the threads are calling. Every call must return or be refused:
// any other call is lost.
#include <holdfast/holdfast.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr int calls_of_a_thread = 2000;  // then it ends, and another takes its place

struct totals {
    std::atomic<std::uint64_t> asked{0};
    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> refused{0};
    std::atomic<std::uint64_t> wrong{0};
    std::atomic<std::uint64_t> threads{0};
    std::atomic<std::int64_t> longest_wait_ns{0};
};

void raise_to(std::atomic<std::int64_t> &most, std::int64_t value) {
    std::int64_t now = most.load();
    while (value > now && !most.compare_exchange_weak(now, value)) {}
}

const holdfast::function<long(long)> next{"__main__", "next_number"};
const holdfast::function<void()> fail{"__main__", "fail"};

/// One call in one attach; false once Python is closed.
bool call(const holdfast::interpreter_view &view, totals &sum, long number) {
    sum.asked.fetch_add(1);
    const auto begun = clock_type::now();
    const holdfast::attach_guard attached(view, std::nothrow);
    if (!attached) {
        sum.refused.fetch_add(1);
        return false;
    }
    raise_to(sum.longest_wait_ns, (clock_type::now() - begun).count());
    bool right = true;
    if (number % 97 == 0) {
        try {
            fail();
            right = false;
        } catch (const holdfast::python_error &problem) {
            right = problem.type() == "ValueError";
        }
    } else if (number % 31 == 0) {
        const holdfast::detach_guard detached;
        std::this_thread::yield();
        const holdfast::attach_guard nested(view);
        right = next(number) == number + 1;
    } else {
        right = next(number) == number + 1;
    }
    sum.wrong.fetch_add(right ? 0 : 1);
    sum.answered.fetch_add(1);
    return true;
}

/// A place for threads, one after the other, until Python is closed.
void keep_calling(const holdfast::interpreter_view &view, totals &sum) {
    std::atomic<bool> open{true};
    while (open.load()) {
        sum.threads.fetch_add(1);
        std::thread([&] {
            for (long number = 1; number <= calls_of_a_thread; ++number)
                if (!call(view, sum, number)) {
                    open.store(false);
                    return;
                }
        }).join();
    }
}

/// Resident memory in KiB.
long memory() {
    long pages = 0;
    if (std::FILE *const file = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(file, "%*d %ld", &pages) != 1)
            pages = 0;
        std::fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

void print(const char *what, int life, const totals &sum) {
    const std::uint64_t lost = sum.asked.load() - sum.answered.load() - sum.refused.load();
    std::printf(
        "{\"at\": \"%s\", \"life\": %d, \"calls\": %llu, \"lost\": %lld, \"wrong\": %llu, "
        "\"threads\": %llu, \"longest_wait_ms\": %.1f, \"memory_kib\": %ld}\n",
        what, life, static_cast<unsigned long long>(sum.answered.load()),
        static_cast<long long>(lost), static_cast<unsigned long long>(sum.wrong.load()),
        static_cast<unsigned long long>(sum.threads.load()),
        static_cast<double>(sum.longest_wait_ns.load()) / 1e6, memory());
    std::fflush(stdout);
}

bool live(int life, int places, std::chrono::seconds length, totals &sum) {
    holdfast::interpreter python;
    holdfast::exec(
        "def next_number(number): return number + 1\n"
        "def fail(): raise ValueError('on purpose')\n");
    std::vector<std::thread> all;
    for (int i = 0; i < places; ++i)
        all.emplace_back([&, view = python.view()] { keep_calling(view, sum); });
    const auto end = clock_type::now() + length;
    while (clock_type::now() < end) {
        std::this_thread::sleep_for(
            std::min<clock_type::duration>(std::chrono::seconds(30), end - clock_type::now()));
        // Calls in progress count as lost here; after the end there are none.
        print("running", life, sum);
    }
    const holdfast::finalize_report report = python.finalize(std::chrono::seconds(60));
    std::fputs(report.finalized ? "" : report.text().c_str(), stderr);
    for (std::thread &one : all)
        one.join();
    print("ended", life, sum);
    return report.finalized && sum.wrong.load() == 0 &&
           sum.asked.load() == sum.answered.load() + sum.refused.load();
}

}  // namespace

int main(int count, char **words) {
    const long seconds = count > 1 ? std::atol(words[1]) : 8;
    const int places = count > 2 ? std::atoi(words[2]) : 64;
    const int lives = count > 3 ? std::atoi(words[3]) : 4;
    totals sum;
    bool well = true;
    for (int life = 1; life <= lives && well; ++life)
        well = live(life, places, std::chrono::seconds(std::max(1L, seconds / lives)), sum);
    return well ? 0 : 1;
}
