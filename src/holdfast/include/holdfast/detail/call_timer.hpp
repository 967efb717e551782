// holdfast/detail/call_timer.hpp: who interrupts a call when its time is over.
//
// Layer 41. A thread for each interpreter that has calls with a limit: started by the first of
// them, asleep until a time is over. Then it attaches in that interpreter and interrupts the call
// there, or a little later if that would strand others (async_raise.hpp). It is started before the
// call: a limit that nobody could keep is refused.
//
// Why one for each is enough, and one for all is not: it may wait long to attach, because a thread
// holds the interpreter. In that interpreter nobody else could interrupt anything meanwhile; in the
// others it must be possible.
//
// Why it may attach: the call is attached, and so inside the gate, until remove() has returned, and
// remove() waits, detached, for a watcher that is on its way. So finalization cannot begin
// meanwhile.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include <pthread.h>

#include "interrupt.hpp"
#include "new_state.hpp"
#include "of_this_process.hpp"

namespace holdfast::detail {

struct limit_watcher;

/// A call that is being made, on its caller's stack.
struct timed_call {
    enum class stage : unsigned char { waiting, over, interrupted };

    std::chrono::steady_clock::time_point deadline;
    PyInterpreterState *interpreter = nullptr;
    std::uint64_t thread = 0;            // ident
    stage now = stage::waiting;          // guarded by the timer's mutex, like all below
    limit_watcher *watcher = nullptr;
    timed_call *next = nullptr;
    timed_call *prev = nullptr;
    // These are the watcher's while the call is `over`.
    timed_call *next_over = nullptr;     // of those that are interrupted at one go
    raise_outcome outcome = raise_outcome::held_off;
    retry_pause pause;
    asked_check asked;
};

/// A thread, and the calls of one interpreter that it watches. Without any it sleeps, and takes the
/// next interpreter.
struct limit_watcher {
    PyInterpreterState *interpreter = nullptr;  // guarded by the timer's mutex, like all below
    timed_call *first = nullptr;
    std::chrono::steady_clock::time_point wakes_at = std::chrono::steady_clock::time_point::max();
    limit_watcher *next = nullptr;
    std::condition_variable changed;  // a nearer deadline, or a call that has been interrupted
};

/// The calls that have a limit, and the threads that watch them.
///
/// Its threads end with the process; a forked child, which has none of them, makes another timer.
///
/// Lock order: `mutex_` is a leaf; nobody holds it while attaching.
class call_timer : public of_one_process {
public:
    /// The process's own.
    static call_timer &get() { return of_this_process<call_timer>(); }

    /// \throws std::system_error  the system gives no thread that could keep the limit.
    void add(timed_call &call) {
        const std::lock_guard<std::mutex> hold(mutex_);
        limit_watcher &watcher = watcher_of_locked(call.interpreter);
        call.watcher = &watcher;
        call.next = watcher.first;
        if (watcher.first != nullptr)
            watcher.first->prev = &call;
        watcher.first = &call;
        if (call.deadline < watcher.wakes_at)
            watcher.changed.notify_all();
    }

    /// The call is over. If it is being interrupted at this moment, that is awaited. Attached.
    void remove(timed_call &call) noexcept {
        if (!is_of_this_process())
            return;  // forked meanwhile: the mutex may be held by a thread that does not exist here
        std::unique_lock<std::mutex> hold(mutex_);
        limit_watcher &watcher = *call.watcher;
        PyThreadState *state = nullptr;
        if (call.now == timed_call::stage::over) {
            hold.unlock();
            state = PyEval_SaveThread();  // let it in
            hold.lock();
            watcher.changed.wait(hold, [&] { return call.now != timed_call::stage::over; });
        }
        // At once: one that was held off is due again in a moment, before this thread is attached.
        (call.prev != nullptr ? call.prev->next : watcher.first) = call.next;
        if (call.next != nullptr)
            call.next->prev = call.prev;
        hold.unlock();
        if (state != nullptr)
            restore_or_hang(state);
    }

    /// Whether the call's time was over before it was.
    [[nodiscard]] bool has_interrupted(const timed_call &call) noexcept {
        if (!is_of_this_process())
            return false;
        const std::lock_guard<std::mutex> hold(mutex_);
        return call.now != timed_call::stage::waiting;
    }

private:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::milliseconds until_there_may_be_memory{10};
    static constexpr int tries_at_one_go = 4;

    friend call_timer &of_this_process<call_timer>();
    call_timer() = default;

    /// Whose it is already, else one that has nothing to do, else a new one.
    HOLDFAST_DETAIL_COLD limit_watcher &watcher_of_locked(PyInterpreterState *interpreter) {
        limit_watcher *idle = nullptr;
        for (limit_watcher *one = watchers_; one != nullptr; one = one->next) {
            if (one->first != nullptr && one->interpreter == interpreter)
                return *one;
            if (one->first == nullptr)
                idle = one;
        }
        if (idle == nullptr) {
            auto made = std::make_unique<limit_watcher>();
            stay_loaded(reinterpret_cast<const void *>(&call_timer::interrupt));
            limit_watcher *const fresh = made.get();
            std::thread([this, fresh] { watch(*fresh); }).detach();  // waits for the mutex first
            made->next = watchers_;
            idle = watchers_ = made.release();
        }
        idle->interpreter = interpreter;
        return *idle;
    }

    [[noreturn]] void watch(limit_watcher &self) {
#if defined(__linux__)
        pthread_setname_np(pthread_self(), "hf-limit");
#endif
        std::unique_lock<std::mutex> hold(mutex_);
        for (;;) {
            timed_call *const over = take_over_locked(self);
            if (over != nullptr) {
                PyInterpreterState *const interpreter = self.interpreter;
                hold.unlock();
                const bool done = interrupt(interpreter, over);
                hold.lock();
                settle_locked(over, done);
                self.changed.notify_all();  // under the mutex: afterwards the calls may be gone
            } else if (self.wakes_at == clock::time_point::max()) {
                self.changed.wait(hold);
            } else {
                self.changed.wait_until(hold, self.wakes_at);
            }
        }
    }

    /// The calls whose time is over, as a chain; and when to look again.
    static timed_call *take_over_locked(limit_watcher &self) noexcept {
        timed_call *over = nullptr;
        self.wakes_at = clock::time_point::max();
        const clock::time_point now = clock::now();
        for (timed_call *call = self.first; call != nullptr; call = call->next) {
            if (call->now != timed_call::stage::waiting)
                continue;
            if (call->deadline <= now) {
                call->now = timed_call::stage::over;
                call->next_over = over;
                over = call;
            } else if (call->deadline < self.wakes_at) {
                self.wakes_at = call->deadline;
            }
        }
        return over;
    }

    /// Not under the mutex: the calls stay where they are while they are `over`. False: no memory.
    HOLDFAST_DETAIL_COLD static bool interrupt(PyInterpreterState *interpreter,
                                               timed_call *over) noexcept {
        PyThreadState *const fresh = new_state(interpreter);
        if (fresh == nullptr)
            return false;
        for (timed_call *call = over; call != nullptr; call = call->next_over)
            call->outcome = raise_outcome::elsewhere;
        ask_one_to_check(over);
        const passing_attach attached(fresh);
        for (int tries = 1; !try_each(over) && tries < tries_at_one_go; ++tries) {
            PyEval_SaveThread();
            ask_one_to_check(over);
            restore_or_hang(fresh);
        }
        return true;
    }

    /// Waits a moment until at least one of the threads can be asked: the others may be blocked. Detached.
    HOLDFAST_DETAIL_COLD static void ask_one_to_check(timed_call *over) noexcept {
        const clock::time_point end = clock::now() + std::chrono::milliseconds(10);
        for (bool asked = false; !asked && clock::now() < end;) {
            for (timed_call *call = over; call != nullptr; call = call->next_over)
                if (call->outcome == raise_outcome::elsewhere)
                    asked = ask_to_check(call->asked) || asked;
            if (!asked)
                std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }

    /// True if nobody is to be tried again at once. Attached.
    HOLDFAST_DETAIL_COLD static bool try_each(timed_call *over) noexcept {
        bool done = true;
        for (timed_call *call = over; call != nullptr; call = call->next_over) {
            if (call->outcome == raise_outcome::elsewhere)
                call->outcome = interrupt_thread(call->thread, call->pause.is_patient(), call->asked);
            done = done && call->outcome != raise_outcome::elsewhere;
        }
        return done;
    }

    static void settle_locked(timed_call *over, bool done) noexcept {
        for (; over != nullptr; over = over->next_over) {
            const bool again = over->outcome == raise_outcome::held_off || over->outcome == raise_outcome::elsewhere;
            over->now = done && !again ? timed_call::stage::interrupted : timed_call::stage::waiting;
            if (!done)
                over->deadline = clock::now() + until_there_may_be_memory;
            else if (again)
                over->deadline = clock::now() + over->pause.next();
        }
    }

    std::mutex mutex_;
    limit_watcher *watchers_ = nullptr;  // guarded by mutex_; what it points to is never freed
};

}  // namespace holdfast::detail
