// What the tests of traces record, besides the incidents: one function each.
#include <holdfast/holdfast.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/watch/counters.hpp>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace {

using std::chrono::steady_clock;

/// Attached for a time that a trace calls long, 1000 times for a short one.
void turns() {
    holdfast::interpreter python;
    std::thread([&] {
        pthread_setname_np(pthread_self(), "culprit");
        {
            const holdfast::attach_guard attached(python);
            const auto end = steady_clock::now() + std::chrono::milliseconds(25);
            while (steady_clock::now() < end) {}
        }
        for (int i = 0; i < 1000; ++i)
            const holdfast::attach_guard attached(python);
    }).join();
}

bool somebody_waits() {
    bool found = false;
    holdfast::detail::process().record_file.load()->for_each_track(
        [&](const holdfast::detail::track_page &page) {
            found = found || page.state.load() == holdfast::detail::track_state::waiting;
        });
    return found;
}

/// Waits until the file has everything that was recorded so far.
void wait_until_written() {
    holdfast::detail::recorder &recorded = *holdfast::detail::process().record_file.load();
    const std::uint64_t now = recorded.now();
    const char *const trace = std::getenv("HOLDFAST_TRACE");
    const int file =
        open(trace != nullptr ? trace : holdfast::detail::page_path(recorded.header().pid).c_str(),
             O_RDONLY);
    std::uint64_t last = 0;
    while (last < now)
        if (pread(file, &last, sizeof last, offsetof(holdfast::detail::trace_header, last)) !=
            sizeof last)
            std::abort();
    close(file);
}

bool is_reported() {
    return holdfast::detail::process().record_file.load()->header().notes_used.load() != 0;
}

void wait_for_a_report() {
    while (!is_reported())
        std::this_thread::yield();
}

bool somebody_waits_for_a_mutex() {
    bool found = false;
    holdfast::detail::process().record_file.load()->for_each_track(
        [&](const holdfast::detail::track_page &page) {
            found = found || page.wanted_lock.load() != 0;
        });
    return found;
}

void wait_for(holdfast::mutex &one) {
    pthread_setname_np(pthread_self(), "victim");
    const holdfast::attach_guard attached;
    const std::lock_guard<holdfast::mutex> alone(one);
}

/// A thread that never attaches holds the mutex until the watchdog reports the waiting thread.
template <class Wait>
void waits_for_culprit(Wait &&wait_with_lock) {
    holdfast::interpreter python;
    holdfast::mutex one;
    std::promise<void> locked;
    std::thread culprit([&] {
        pthread_setname_np(pthread_self(), "culprit");
        const std::lock_guard<holdfast::mutex> alone(one);
        locked.set_value();
        wait_with_lock();
    });
    locked.get_future().wait();
    std::thread(wait_for, std::ref(one)).join();
    culprit.join();
}
void slow_owner() { waits_for_culprit(wait_for_a_report); }

/// The same with an owner that locked before anything was recorded.
void early_owner() {
    holdfast::mutex one;
    std::unique_lock<holdfast::mutex> alone(one);
    holdfast::interpreter python;
    std::thread victim(wait_for, std::ref(one));
    wait_for_a_report();
    alone.unlock();
    victim.join();
}

/// The mutex is free again before the recording ends.
void past_owner() {
    waits_for_culprit([] {
        while (!somebody_waits_for_a_mutex())
            std::this_thread::yield();
        wait_until_written();
    });
}

/// A thread is attached, and tries for a mutex until the watchdog reports the one that has it, which
/// waits to attach.
template <class Mutex>
void trying(std::chrono::milliseconds pause) {
    holdfast::interpreter python;
    Mutex mutex;
    std::promise<void> attached_now;
    std::promise<void> locked_now;
    std::thread culprit([&] {
        pthread_setname_np(pthread_self(), "culprit");
        const holdfast::attach_guard attached(python);
        attached_now.set_value();
        locked_now.get_future().wait();
        while (!mutex.try_lock()) {
            std::this_thread::sleep_for(pause);
            if (is_reported())
                return;
        }
        mutex.unlock();
    });
    std::thread victim([&] {
        pthread_setname_np(pthread_self(), "victim");
        const std::lock_guard<Mutex> alone(mutex);
        attached_now.get_future().wait();
        locked_now.set_value();
        const holdfast::attach_guard attached(python);
    });
    victim.join();
    culprit.join();
}

/// Killed while one thread is attached, and another waits.
void killed() {
    holdfast::interpreter python;
    std::promise<void> inside;
    std::thread culprit([&] {
        pthread_setname_np(pthread_self(), "culprit");
        const holdfast::attach_guard attached(python);
        inside.set_value();
        while (!somebody_waits())
            std::this_thread::yield();
        wait_until_written();
        kill(getpid(), SIGKILL);
        pause();
    });
    inside.get_future().wait();
    std::thread victim([&] {
        pthread_setname_np(pthread_self(), "victim");
        const holdfast::attach_guard attached(python);
    });
    victim.join();
    culprit.join();
}

/// Ten tasks of an executor, four of them typed calls, one of which forks and one of which fails.
void tasks() {
    holdfast::interpreter python;
    holdfast::exec(
        "import os\n"
        "def work(number):\n"
        "    if number == 0 and os.fork() == 0:\n"
        "        os._exit(0)\n"
        "    return 100 // (number - 1)\n");
    const holdfast::function<long(long)> work("__main__", "work");
    holdfast::executor pool(python, 2);
    std::vector<std::future<long>> results;
    for (long i = 0; i < 4; ++i)
        results.push_back(pool.submit(work, i));
    for (long i = 0; i < 6; ++i)
        results.push_back(pool.submit([i] {
            const holdfast::detach_guard detached;
            return i;
        }));
    for (std::future<long> &result : results)
        result.wait();
}

/// One thread is attached and another waits, until stdin ends; then the counters are printed.
void counted() {
    holdfast::interpreter python;
    std::promise<void> inside;
    std::promise<void> leave;
    std::thread holder([&] {
        pthread_setname_np(pthread_self(), "holder");
        const holdfast::attach_guard attached(python);
        inside.set_value();
        leave.get_future().wait();
    });
    inside.get_future().wait();
    std::thread waiter([&] {
        pthread_setname_np(pthread_self(), "waiter");
        const holdfast::attach_guard attached(python);
    });
    while (!somebody_waits())
        std::this_thread::yield();
    wait_until_written();
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) {}
    leave.set_value();
    holder.join();
    waiter.join();
    std::fputs(holdfast::prometheus_text(holdfast::read_counters()).c_str(), stdout);
}

/// Attached threads that do not run, each for another reason, until stdin ends: those that take
/// turns, also in an interpreter with a GIL of its own, one that reads from a pipe, and one that
/// waits for a threading.Lock. Turns are long, so that a thread which waits for one sleeps even on a
/// busy machine.
void resting() {
    holdfast::interpreter_config config;
    config.switch_interval = std::chrono::milliseconds(500);
    holdfast::interpreter python(config);
    holdfast::exec(
        "import builtins, os, threading\n"
        "builtins.os, builtins.pipe = os, os.pipe()\n"
        "builtins.over, builtins.locked = threading.Event(), threading.Lock()\n"
        "locked.acquire()\n");
    std::vector<std::thread> threads;
    const auto run = [&](holdfast::interpreter_view view, const char *name, const char *code) {
        threads.emplace_back([view, name, code] {
            pthread_setname_np(pthread_self(), name);
            const holdfast::attach_guard attached(view);
            holdfast::exec(code);
        });
    };
    const char *const take_turns = "while not over.is_set(): sum(range(1000))";
#if HOLDFAST_HAS_OWN_GIL
    const holdfast::subinterpreter own(python);
    {
        const holdfast::attach_guard attached(own);
        holdfast::exec(
            "import builtins, sys, threading\n"
            "sys.setswitchinterval(0.5)\n"
            "builtins.over = threading.Event()\n");
    }
    holdfast::subinterpreter_config sharing;
    sharing.shared_gil = true;
    const holdfast::subinterpreter shared(python, sharing);
    std::promise<void> has_attached;
    std::promise<void> leave;
    threads.emplace_back([&] {
        pthread_setname_np(pthread_self(), "shared");
        { const holdfast::attach_guard attached(shared); }
        has_attached.set_value();
        leave.get_future().wait();
    });
    has_attached.get_future().wait();
    for (const char *const name : {"own-1", "own-2", "own-3"})
        run(own, name, take_turns);
#endif
    run(python, "reader", "os.read(pipe[0], 1)");
    run(python, "locker", "locked.acquire()");
    for (const char *const name : {"turns-1", "turns-2", "turns-3"})
        run(python, name, take_turns);
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) {}
#if HOLDFAST_HAS_OWN_GIL
    leave.set_value();
    {
        const holdfast::attach_guard attached(own);
        holdfast::exec("over.set()");
    }
#endif
    {
        const holdfast::attach_guard attached(python);
        holdfast::exec("over.set()\nlocked.release()\nos.write(pipe[1], b'.')");
    }
    for (std::thread &one : threads)
        one.join();
}

}  // namespace

int main(int, char **argv) {
    if (std::strcmp(argv[1], "turns") == 0)
        turns();
    else if (std::strcmp(argv[1], "slow_owner") == 0)
        slow_owner();
    else if (std::strcmp(argv[1], "early_owner") == 0)
        early_owner();
    else if (std::strcmp(argv[1], "past_owner") == 0)
        past_owner();
    else if (std::strcmp(argv[1], "tries") == 0)
        trying<holdfast::mutex>(std::chrono::milliseconds(0));
    else if (std::strcmp(argv[1], "polls") == 0)
        trying<std::mutex>(std::chrono::milliseconds(1));
    else if (std::strcmp(argv[1], "killed") == 0)
        killed();
    else if (std::strcmp(argv[1], "tasks") == 0)
        tasks();
    else if (std::strcmp(argv[1], "counted") == 0)
        counted();
    else if (std::strcmp(argv[1], "resting") == 0)
        resting();
}
