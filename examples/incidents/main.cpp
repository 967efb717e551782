// Six ways to hang, or nearly hang. The watchdog and a trace tell them apart.
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <sched.h>

namespace {

using std::chrono::steady_clock;
constexpr std::chrono::milliseconds long_time{700};

/// Starts `culprit`, and, when it is ready, a thread that only attaches.
template <class Culprit>
void run_against_a_victim(const holdfast::interpreter &python, Culprit culprit) {
    std::promise<void> begun;
    std::thread first([&] {
        pthread_setname_np(pthread_self(), "culprit");
        culprit(begun);
    });
    begun.get_future().wait();
    std::thread second([&] {
        pthread_setname_np(pthread_self(), "victim");
        const holdfast::attach_guard attached(python);
    });
    second.join();
    first.join();
}

/// Native code that blocks while attached.
void hold_in_c() {
    holdfast::interpreter python;
    run_against_a_victim(python, [&](std::promise<void> &begun) {
        const holdfast::attach_guard attached(python);
        begun.set_value();
        // holdfast: ignore[HF613] the incident that this function is about
        std::this_thread::sleep_for(long_time);
    });
}

/// Python code, with a switch interval of ten seconds.
void hold_in_bytecode() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::seconds(10);
    holdfast::interpreter python(config);
    holdfast::exec(
        "import time\n"
        "def crunch(seconds):\n"
        "    end = time.monotonic() + seconds\n"
        "    while time.monotonic() < end:\n"
        "        pass\n");
    const holdfast::function<void(double)> crunch("__main__", "crunch");
    run_against_a_victim(python, [&](std::promise<void> &begun) {
        const holdfast::attach_guard attached(python);
        begun.set_value();
        crunch(0.7);
    });
}

/// One thread holds a mutex and waits to attach; another is attached and waits for the mutex.
void lock_inversion() {
    holdfast::interpreter python;
    std::mutex mutex;
    std::promise<void> attached_now;
    std::promise<void> locked_now;
    std::thread first([&] {
        pthread_setname_np(pthread_self(), "culprit");
        const holdfast::attach_guard attached(python);
        attached_now.set_value();
        locked_now.get_future().wait();  // holdfast: ignore[HF613] the deadlock is the point
        const std::lock_guard<std::mutex> alone(mutex);
    });
    std::thread second([&] {
        pthread_setname_np(pthread_self(), "victim");
        const std::lock_guard<std::mutex> alone(mutex);
        attached_now.get_future().wait();
        locked_now.set_value();
        const holdfast::attach_guard attached(python);
    });
    std::this_thread::sleep_for(long_time);
    std::_Exit(3);  // this deadlock has no clean end
}

/// A thread attaches again before a waiting thread of low priority on the same processor wakes up.
void starving() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::seconds(10);
    holdfast::interpreter python(config);
    cpu_set_t first_processor;
    CPU_ZERO(&first_processor);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &first_processor);
    std::promise<void> begun;
    // On a busy machine the victim can wait seconds for the processor before it asks for Python.
    std::atomic<bool> victim_runs{false};
    std::thread first([&] {
        pthread_setname_np(pthread_self(), "culprit");
        pthread_setaffinity_np(pthread_self(), sizeof first_processor, &first_processor);
        auto end = steady_clock::time_point::max();
        for (bool is_first = true; steady_clock::now() < end; is_first = false) {
            const holdfast::attach_guard attached(python);
            if (is_first)
                begun.set_value();
            if (victim_runs.exchange(false))
                end = steady_clock::now() + 2 * long_time;
            const auto pause = steady_clock::now() + std::chrono::milliseconds(20);
            while (steady_clock::now() < pause) {}
        }
    });
    begun.get_future().wait();
    std::thread second([&] {
        pthread_setname_np(pthread_self(), "victim");
        const sched_param lowest{};
        pthread_setschedparam(pthread_self(), SCHED_IDLE, &lowest);
        pthread_setaffinity_np(pthread_self(), sizeof first_processor, &first_processor);
        victim_runs = true;
        const holdfast::attach_guard attached(python);
    });
    second.join();
    first.join();
}

/// finalize() with a thread inside that does not leave.
void drain_stuck() {
    holdfast::interpreter python;
    std::promise<void> inside;
    std::promise<void> leave;
    std::thread culprit([&] {
        pthread_setname_np(pthread_self(), "culprit");
        const holdfast::attach_guard attached(python);
        const holdfast::detach_guard detached;
        inside.set_value();
        leave.get_future().wait();
    });
    inside.get_future().wait();
    const holdfast::finalize_report report = python.finalize(long_time);
    leave.set_value();
    culprit.join();
}

/// Two holdfast::mutexes, taken in opposite orders.
void mutex_order() {
    holdfast::interpreter python;
    holdfast::mutex one;
    holdfast::mutex other;
    std::promise<void> has_one;
    std::promise<void> has_other;
    const auto take_both = [&](const char *name, holdfast::mutex &mine, holdfast::mutex &next,
                               std::promise<void> &said, std::promise<void> &awaited) {
        pthread_setname_np(pthread_self(), name);
        const holdfast::attach_guard attached(python);
        const std::lock_guard<holdfast::mutex> alone(mine);
        said.set_value();
        auto there = awaited.get_future();
        holdfast::get(there);
        const std::lock_guard<holdfast::mutex> both(next);
    };
    std::thread first([&] { take_both("culprit", one, other, has_one, has_other); });
    std::thread second([&] { take_both("victim", other, one, has_other, has_one); });
    std::this_thread::sleep_for(long_time);
    std::_Exit(3);  // this deadlock has no clean end
}

struct incident {
    const char *name;
    void (*run)();
};

constexpr incident incidents[] = {
    {"hold_in_c", hold_in_c},           {"hold_in_bytecode", hold_in_bytecode},
    {"lock_inversion", lock_inversion}, {"starving", starving},
    {"drain_stuck", drain_stuck},       {"mutex_order", mutex_order},
};

}  // namespace

int main(int argc, char **argv) {
    for (const incident &one : incidents) {
        if (argc < 2)
            std::printf("%s\n", one.name);
        else if (std::strcmp(argv[1], one.name) == 0)
            one.run();
    }
}
