// Limits that pass at any moment of running Python code leave no lock locked, and every thread ends.
// python: gil
// deadline: 60
//
// Threads that run, not threads that wait: from 3.13 on an exception that is set while a thread lets others run comes one
// check later than where the thread was seen, unless it has been asked before (interrupts/exception_delivery.hpp).
#include <holdfast/calls/deadline.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

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
    for _ in range(2000):
        with lock:
            pass

def held():
    with lock:
        yield 1
        yield 2

def by_generator():
    for _ in range(300):
        for _ in held():
            pass

def by_queue():
    for i in range(20):
        try:
            both.put(i, timeout=0.001)
            both.get(timeout=0.001)
        except (queue.Full, queue.Empty):
            pass
)";

void run_out_of_time(const std::string &what) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&what, i] {
            for (int round = 0; round < 60; ++round)
                try {
                    holdfast::within(std::chrono::milliseconds(1 + (round + i) % 4),
                                     [&] { holdfast::exec(what + "()"); });
                } catch (const holdfast::deadline_error &) {
                    // as most of them
                }
        });
    const holdfast::detach_guard detached;
    for (std::thread &thread : threads)
        thread.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(work);
    for (const char *const what : {"with_lock", "by_generator", "by_queue"}) {
        run_out_of_time(what);
        CHECK(holdfast::eval<bool>("lock.acquire(timeout=5) and not lock.release()"));
        CHECK(holdfast::eval<bool>("both.mutex.acquire(timeout=5) and not both.mutex.release()"));
    }
    CHECK(python.finalize(10s));
}
