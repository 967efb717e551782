// A thread attaches again and again before another one, which waits, wakes up.
//
// Whether a thread wakes up in time is up to the system. So this program has a
// pthread_cond_timedwait() of its own, in which CPython waits for the GIL. There the victim stays
// asleep for as long as the culprit wants, whatever else the machine does.
#include <holdfast/holdfast.hpp>
#include <holdfast/watch/counters.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <future>
#include <thread>
#include <utility>

#include <dlfcn.h>
#include <pthread.h>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds long_time{1400};

thread_local bool oversleeps = false;
std::atomic<bool> is_asleep{false};
std::promise<void> wakes_up;

}  // namespace

extern "C" __attribute__((visibility("default"))) int pthread_cond_timedwait(
    pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *until) {
    static const auto original =
        reinterpret_cast<decltype(&pthread_cond_timedwait)>(dlsym(RTLD_NEXT, __func__));
    if (!std::exchange(oversleeps, false))
        return original(condition, mutex, until);
    pthread_mutex_unlock(mutex);
    is_asleep = true;
    wakes_up.get_future().wait();
    pthread_mutex_lock(mutex);
    return 0;  // it may wake up without a reason
}

namespace {

/// Not before the watchdog, if there is one, has reported it.
bool is_reported() {
    const char *const limit = std::getenv("HOLDFAST_WATCHDOG");
    return limit == nullptr || *limit == '\0' ||
           holdfast::detail::process().record_file.load()->header().notes_used.load() != 0;
}

void starving() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::seconds(10);
    holdfast::interpreter python(config);
    std::thread first([&] {
        pthread_setname_np(pthread_self(), "culprit");
        int turns = 0;  // while the victim sleeps
        steady_clock::time_point begun;
        steady_clock::duration longest{};
        bool is_enough = false;
        while (!is_enough) {
            const auto start = steady_clock::now();
            {
                const holdfast::attach_guard attached(python);
                while (steady_clock::now() < start + milliseconds(2)) {}
            }
            if (!is_asleep)
                continue;
            const auto now = steady_clock::now();
            if (++turns == 1)
                begun = now;
            // The system may stop it for a while in one of them, too, which then looks like a long one.
            longest = std::max(longest, now - start);
            is_enough = turns >= 10 && now - begun >= long_time && now - begun >= 3 * longest &&
                        is_reported();
        }
        wakes_up.set_value();
    });
    std::thread second([&] {
        pthread_setname_np(pthread_self(), "victim");
        while (!is_asleep) {  // it does not wait if it comes between two turns
            oversleeps = true;
            const holdfast::attach_guard attached(python);
        }
    });
    second.join();
    first.join();
}

}  // namespace

int main() { starving(); }
