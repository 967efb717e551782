// wait() lets others attach while it sleeps, attaches without the lock, and runs the predicate attached, with the lock.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/watch/counters.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "check.hpp"
#include "event.hpp"

namespace {

template <class Mutex>
void ping_pong(const holdfast::interpreter_view &python) {
    constexpr int rounds = 300;
    Mutex mutex;
    std::condition_variable_any changed;
    int turn = 0;
    const auto player = [&](int own, bool is_attached) {
        for (int round = 0; round < rounds; ++round) {
            if (is_attached) {
                const holdfast::attach_guard attached(python);
                std::unique_lock<Mutex> hold(mutex, std::defer_lock);
                while (!hold.try_lock()) {  // a plain mutex must not be waited for while attached
                    const holdfast::detach_guard detached;
                    std::this_thread::yield();
                }
                holdfast::wait(changed, hold, [&] {
                    CHECK(hold.owns_lock() && holdfast::attached());
                    return turn % 3 == own;
                });
                CHECK(hold.owns_lock() && holdfast::attached());
                holdfast::exec("turns = globals().get('turns', 0) + 1");
                ++turn;
            } else {
                std::unique_lock<Mutex> hold(mutex);
                holdfast::wait(changed, hold, [&] {
                    CHECK(hold.owns_lock() && !holdfast::attached());
                    return turn % 3 == own;
                });
                ++turn;
            }
            changed.notify_all();
        }
    };
    std::thread first(player, 0, true), second(player, 1, true), third(player, 2, false);
    first.join();
    second.join();
    third.join();
    CHECK(turn == 3 * rounds);
}

/// A woken thread must release a plain mutex before it waits to attach: an attached thread may be waiting for it.
void lets_go_before_it_attaches(const holdfast::interpreter_view &python) {
    std::mutex mutex;
    std::condition_variable_any changed;
    bool ready = false;
    event locked;
    std::atomic<bool> back{false};
    std::thread waiter([&] {
        const holdfast::attach_guard attached(python);
        std::unique_lock<std::mutex> hold(mutex);
        locked.set();
        holdfast::wait(changed, hold, [&] { return ready; });
        back = true;
    });
    locked.wait();
    {
        const holdfast::attach_guard attached(
            python);  // it sleeps, or is about to, and needs no Python for that
        mutex.lock();
        ready = true;
        mutex.unlock();
        changed.notify_all();
        while (!back && holdfast::read_counters().waiting == 0)  // without a GIL it need not wait
            std::this_thread::yield();
        mutex.lock();
        mutex.unlock();
    }
    waiter.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    ping_pong<std::mutex>(python.view());
    ping_pong<holdfast::mutex>(python.view());
    CHECK(holdfast::eval<int>("turns") == 1200);

    holdfast::start_counters();
    lets_go_before_it_attaches(python.view());

    // A predicate that throws leaves the lock held and the thread attached.
    std::condition_variable_any changed;
    holdfast::mutex mutex;
    const holdfast::attach_guard attached(python.view());
    mutex.lock();
    CHECK_THROWS(std::runtime_error,
                 holdfast::wait(changed, mutex, []() -> bool { throw std::runtime_error("no"); }));
    CHECK(holdfast::attached() && mutex.held_by_this_thread());
    mutex.unlock();
}
