// wait() lets others attach while it sleeps, and runs the predicate attached with the lock held.
#include <holdfast/interpreter.hpp>
#include <holdfast/lock.hpp>
#include <holdfast/run.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "check.hpp"

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

}  // namespace

int main() {
    holdfast::interpreter python;
    ping_pong<std::mutex>(python.view());
    ping_pong<holdfast::mutex>(python.view());
    CHECK(holdfast::eval<int>("turns") == 1200);

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
