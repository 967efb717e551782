// latency.cpp: how long a native thread waits to attach behind busy Python threads.
//
// Arguments: number of busy Python threads, switch interval in microseconds, seconds, and how the thread
// attaches: `ordinary`, `urgent`, or `never`, so that nothing disturbs the busy threads. Prints JSON: the iterations of the busy threads per
// second, and the microseconds that each attach took.
#include <holdfast/holdfast.hpp>
#include <holdfast/urgent.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using std::chrono::steady_clock;
/// Between two attaches.
constexpr std::chrono::milliseconds pause{2};

constexpr const char *busy_threads = R"(
import threading, time

begin, stopped, counts = threading.Event(), False, []

def busy():
    begin.wait()
    count = 0
    while not stopped:
        count += 1
    counts.append(count)

threads = []

def start(number):
    global begun
    threads.extend(threading.Thread(target=busy) for _ in range(number))
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    begin.set()

def stop():
    """Iterations per second of all threads together."""
    global stopped
    stopped, ended = True, time.monotonic()
    for thread in threads:
        thread.join()
    return sum(counts) / (ended - begun)
)";

/// Microseconds that each attach took.
template <class Guard>
std::vector<double> waits(const holdfast::interpreter &python, steady_clock::time_point end) {
    std::vector<double> taken;
    while (steady_clock::now() < end) {
        const auto begun = steady_clock::now();
        {
            const Guard attached(python.view());
            taken.push_back(
                std::chrono::duration<double, std::micro>(steady_clock::now() - begun).count());
        }
        std::this_thread::sleep_for(pause);
    }
    return taken;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: latency BUSY INTERVAL_US SECONDS ordinary|urgent|never\n");
        return 2;
    }
    const long busy = std::atol(argv[1]);
    const std::chrono::duration<double> length{std::atof(argv[3])};
    const std::string_view how = argv[4];
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::microseconds(std::atol(argv[2]));
    holdfast::interpreter python(config);
    holdfast::exec(busy_threads);
    const holdfast::function<void(long)> start("__main__", "start");
    const holdfast::function<double()> stop("__main__", "stop");
    start(busy);

    const auto end =
        steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(length);
    std::vector<double> taken;
    std::thread native([&] {
        if (how == "ordinary")
            taken = waits<holdfast::attach_guard>(python, end);
        else if (how == "urgent")
            taken = waits<holdfast::experimental::urgent_attach_guard>(python, end);
        else
            std::this_thread::sleep_until(end);
    });
    native.join();
    const double per_second = stop();

    std::printf("{\"per_second\": %.0f, \"waits\": [", per_second);
    for (std::size_t number = 0; number < taken.size(); ++number)
        std::printf("%s%.1f", number == 0 ? "" : ", ", taken[number]);
    std::printf("]}\n");
    return 0;
}
