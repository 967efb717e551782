// A call that within() interrupts leaves no lock locked that it took before a try block, or released for a wait.
// python: gil
// deadline: 60
// short-run: no
#include <holdfast/holdfast.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

namespace {

using namespace std::chrono_literals;

constexpr const char *works = R"(
import logging, sys, threading
sys.setswitchinterval(1e-5)
lock = threading.Lock()
condition = threading.Condition()
plain_condition = threading.Condition(threading.Lock())

def take():
    for _ in range(300):
        lock.acquire()
        try:
            pass
        finally:
            lock.release()

def log():
    for i in range(100):
        logging.getLogger(str(i % 7))

def wait_in(condition):
    for _ in range(20):
        with condition:
            condition.wait(0.0002)
            condition.notify()

def free(lock):
    taken = lock.acquire(timeout=5)
    lock.release()
    return taken
)";

/// Many short limits at once. True: only limits have ended calls.
bool storm(const std::string &code) {
    std::atomic<bool> clean{true};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            const auto end = std::chrono::steady_clock::now() + 1500ms;
            for (int k = 0; std::chrono::steady_clock::now() < end; ++k)
                try {
                    holdfast::within(std::chrono::milliseconds(1 + (k + i) % 5),
                                     [&] { holdfast::exec(code); });
                } catch (const holdfast::deadline_error &) {
                } catch (const holdfast::python_error &error) {
                    std::fprintf(stderr, "%s\n", error.traceback().c_str());
                    clean = false;
                }
        });
    for (std::thread &thread : threads)
        thread.join();
    return clean;
}

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(works);
    CHECK(storm("take()"));
    CHECK(holdfast::eval<bool>("free(lock)"));
    CHECK(storm("log()"));
    CHECK(holdfast::eval<bool>("free(logging._lock)"));
    CHECK(storm("wait_in(condition)"));
    CHECK(holdfast::eval<bool>("free(condition)"));
    CHECK(storm("wait_in(plain_condition)"));
    CHECK(holdfast::eval<bool>("free(plain_condition)"));
    CHECK(python.finalize(10s));
}
