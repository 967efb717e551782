// finalize() with interrupt_after may come at any moment of running Python code, repeatedly, and leaves no lock locked.
// python: gil
// deadline: 90
// short-run: no
//
// Threads that run, not threads that wait: from 3.13 on an exception that is set while a thread lets others run comes one
// check later than where the thread was seen, unless it has been asked before (interrupts/exception_delivery.hpp). And on 3.13 and 3.14
// the jump back of a loop is in no block (interrupts/safe_place.hpp).
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

constexpr const char *work = R"(
import queue, sys, threading
sys.setswitchinterval(1e-5)
lock = threading.Lock()
both = queue.Queue(4)

def with_lock():
    for _ in range(300000):
        with lock:
            pass

def held():
    with lock:
        yield 1
        yield 2

def by_generator():
    for _ in range(300000):
        for _ in held():
            pass

def by_queue():
    for i in range(2000):
        try:
            both.put(i, timeout=0.001)
            both.get(timeout=0.001)
        except (queue.Full, queue.Empty):
            pass

def is_free(lock):
    return lock.acquire(timeout=5) and not lock.release()
)";

/// What the threads are told: Python is open for the nth time, or it is over.
struct rounds {
    std::mutex mutex;
    std::condition_variable changed;
    int now = 0;  // guarded by mutex
    bool over = false;

    void begin(int round, bool last) {
        const std::lock_guard<std::mutex> hold(mutex);
        now = round;
        over = last;
        changed.notify_all();
    }
    /// Waits for a round that is not `last`. False: there is none.
    bool next(int &last) {
        std::unique_lock<std::mutex> hold(mutex);
        changed.wait(hold, [&] { return over || now != last; });
        last = now;
        return !over;
    }
};

void storm(holdfast::interpreter &python, const std::string &what) {
    // Holds finalize() back, so that it ends nothing and can be called again. Made elsewhere: its maker cannot finalize.
    std::optional<holdfast::interpreter_guard> held_back;
    std::thread([&] { held_back.emplace(python.view()); }).join();
    std::atomic<int> interrupted{0};
    std::atomic<int> arrived{0};
    rounds all;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; all.next(round);)
                try {
                    const holdfast::attach_guard attached(python.view());
                    ++arrived;
                    holdfast::exec(what + "()");
                } catch (const holdfast::closed_error &) {
                    // came too late for this round
                } catch (const holdfast::python_error &error) {
                    CHECK(error.type() == "holdfast.Interrupted");
                    ++interrupted;
                }
        });
    for (int round = 1; round <= 40; ++round) {
        const int before = arrived.load();
        all.begin(round, false);
        while (arrived.load() == before)  // where threads wake up slowly, all would come too late
            std::this_thread::yield();
        CHECK(!python.finalize(
            30ms, holdfast::interrupt_after{std::chrono::milliseconds(1 + round % 4)}));
        python.reopen();
    }
    all.begin(0, true);
    for (std::thread &thread : threads)
        thread.join();
    CHECK(interrupted > 0);
    CHECK(holdfast::eval<bool>("is_free(lock)"));
    CHECK(holdfast::eval<bool>("is_free(both.mutex)"));
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(work);
    for (const char *const what : {"with_lock", "by_generator", "by_queue"})
        storm(python, what);
    CHECK(python.finalize(10s));
}
