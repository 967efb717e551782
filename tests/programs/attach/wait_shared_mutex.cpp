// holdfast::shared_mutex admits many readers or one writer; its waiters wait detached.
#include <holdfast/attach/shared_mutex.hpp>
#include <holdfast/interpreter.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <dlfcn.h>
#include <pthread.h>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"
#include "thrown_text.hpp"

namespace {

std::atomic<int> asked_to_share{0};

}  // namespace

// The program's own function is the one that std::shared_mutex finds.
extern "C" int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) noexcept {
    static const auto real =
        reinterpret_cast<int (*)(pthread_rwlock_t *)>(dlsym(RTLD_NEXT, "pthread_rwlock_tryrdlock"));
    ++asked_to_share;
    return real(lock);
}

namespace {

holdfast::shared_mutex guarded;

template <class Action>
void on_another_thread(Action &&action) {
    std::thread(std::forward<Action>(action)).join();
}

/// The holder unlocks only after it has attached, which it cannot do while a waiter holds the GIL.
template <class HolderLock, class WaiterLock>
void wait_while_holder_needs_python() {
    event held;
    event waiter_is_attached;
    std::thread holder([&] {
        const HolderLock hold(guarded);
        held.set();
        waiter_is_attached.wait();
        const holdfast::attach_guard attached;
        run_python("x = 1");
    });
    held.wait();
    {
        const holdfast::attach_guard attached;
        waiter_is_attached.set();
        const WaiterLock hold(guarded);
        CHECK(holdfast::attached());
        run_python("x = 2");
    }
    holder.join();
}

void readers_together() {
    event first;
    event second;
    std::thread one([&] {
        const std::shared_lock hold(guarded);
        first.set();
        second.wait();
    });
    std::thread other([&] {
        const std::shared_lock hold(guarded);
        second.set();
        first.wait();
    });
    one.join();
    other.join();
}

void who_would_wait_for_himself() {
    const auto code = [](auto action) { return thrown_code<holdfast::usage_error>(action); };
    {
        const std::lock_guard alone(guarded);
        CHECK(guarded.held_by_this_thread());
        CHECK(!guarded.try_lock() && !guarded.try_lock_shared());
        CHECK(code([] { guarded.lock(); }) == "HF221");
        CHECK(code([] { guarded.lock_shared(); }) == "HF221");
        on_another_thread([] { CHECK(!guarded.try_lock() && !guarded.try_lock_shared()); });
    }
    {
        const std::shared_lock shared(guarded);
        CHECK(!guarded.held_by_this_thread() && !guarded.try_lock());
        const std::string upgrade = thrown_text<holdfast::usage_error>([] { guarded.lock(); });
        CHECK(contains(
            upgrade,
            "HF221 shared_mutex::lock() would wait for ever for its caller's own shared lock"));
        CHECK(contains(upgrade, "do: call unlock_shared() first"));
        {
            const std::shared_lock again(guarded);
            CHECK(guarded.try_lock_shared());
            guarded.unlock_shared();
        }
        on_another_thread([] {
            CHECK(!guarded.try_lock());
            CHECK(guarded.try_lock_shared());
            guarded.unlock_shared();
        });
    }
    on_another_thread([] {
        CHECK(guarded.try_lock());
        guarded.unlock();
    });
}

/// A system may admit a queued writer before readers: a thread that locks it shared twice would then wait
/// for itself.
void share_again_without_asking() {
    const std::shared_lock hold(guarded);
    const int before = asked_to_share;
    {
        const std::shared_lock again(guarded);
        CHECK(guarded.try_lock_shared());
        guarded.unlock_shared();
    }
    CHECK(asked_to_share == before);
    CHECK(before != 0);  // else nothing is shown
}

void wait_for_a_condition() {
    bool ready = false;
    std::condition_variable_any changed;
    std::thread other([&] {
        const holdfast::attach_guard attached;
        const std::lock_guard alone(guarded);
        ready = true;
        changed.notify_all();
    });
    {
        const holdfast::attach_guard attached;
        std::shared_lock hold(guarded);
        holdfast::wait(changed, hold, [&] { return ready; });
        CHECK(hold.owns_lock() && holdfast::attached());
    }
    other.join();
}

}  // namespace

int main() {
    readers_together();
    who_would_wait_for_himself();
    {
        holdfast::interpreter python;
        wait_while_holder_needs_python<std::shared_lock<holdfast::shared_mutex>,
                                       std::unique_lock<holdfast::shared_mutex>>();
        wait_while_holder_needs_python<std::unique_lock<holdfast::shared_mutex>,
                                       std::shared_lock<holdfast::shared_mutex>>();
        wait_for_a_condition();
        share_again_without_asking();
        const holdfast::attach_guard attached;
        // holdfast: ignore[HF613] the readers never attach
        readers_together();
        // holdfast: ignore[HF613] nor does the thread that tries
        who_would_wait_for_himself();
    }
    const std::lock_guard alone(guarded);
}
