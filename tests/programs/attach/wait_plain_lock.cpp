// wait() takes every lock that std::condition_variable_any takes, also one without try_lock(), alone or in a unique_lock.
#include <holdfast/attach/waits.hpp>
#include <holdfast/calls/run.hpp>
#include <holdfast/interpreter.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "check.hpp"

namespace {

/// Has only lock() and unlock().
class plain_lock {
public:
    void lock() {
        inner_.lock();
        is_held_ = true;
    }
    void unlock() {
        is_held_ = false;
        inner_.unlock();
    }
    [[nodiscard]] bool is_held() const { return is_held_; }

private:
    std::mutex inner_;
    bool is_held_ = false;  // guarded by inner_
};

/// The two threads take turns; the one with the lock also attaches while it holds it.
template <class Lock, class Begin>
void ping_pong(const holdfast::interpreter_view &python, plain_lock &mutex, const Begin &begin) {
    constexpr int rounds = 300;
    std::condition_variable_any changed;
    int turn = 0;
    const auto player = [&](int own, bool is_attached) {
        for (int round = 0; round < rounds; ++round) {
            if (is_attached) {
                const holdfast::attach_guard attached(python);
                {
                    const holdfast::detach_guard
                        detached;  // a lock that cannot be tried is locked detached
                    mutex.lock();
                }
                Lock lock = begin(mutex);
                holdfast::wait(changed, lock, [&] {
                    CHECK(mutex.is_held() && holdfast::attached());
                    return turn % 3 == own;
                });
                CHECK(mutex.is_held() && holdfast::attached());
                holdfast::exec("turns = globals().get('turns', 0) + 1");
                ++turn;
                lock.unlock();
            } else {
                mutex.lock();
                Lock lock = begin(mutex);
                holdfast::wait(changed, lock,
                               [&] { return turn % 3 == own && !holdfast::attached(); });
                ++turn;
                lock.unlock();
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
    plain_lock mutex;
    ping_pong<plain_lock &>(python.view(), mutex,
                            [](plain_lock &held) -> plain_lock & { return held; });
    ping_pong<std::unique_lock<plain_lock>>(python.view(), mutex, [](plain_lock &held) {
        return std::unique_lock<plain_lock>(held, std::adopt_lock);
    });
    CHECK(holdfast::eval<int>("turns") == 1200);
}
