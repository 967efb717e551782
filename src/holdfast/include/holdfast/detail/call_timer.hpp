// holdfast/detail/call_timer.hpp: who interrupts a call when its time is over.
//
// Layer 41. One timer thread per library, started by the first call that has a limit, asleep between them.
// When a call's time is over it sends a thread to attach in the call's interpreter and interrupt it there.
//
// Why that thread may attach: the call is attached, and so inside the gate, until remove() has returned,
// and remove() waits, detached, for a thread that has been sent. So finalization cannot begin meanwhile.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>

#include <unistd.h>

#include "interrupt.hpp"
#include "new_state.hpp"

namespace holdfast::detail {

/// A call that is being made, on its caller's stack.
struct timed_call {
    enum class stage : unsigned char { waiting, over, interrupted };

    std::chrono::steady_clock::time_point deadline;
    PyInterpreterState *interpreter = nullptr;
    std::uint64_t thread = 0;            // ident
    stage now = stage::waiting;          // guarded by the timer's mutex
    timed_call *next = nullptr;          // guarded by the timer's mutex
    timed_call *prev = nullptr;          // guarded by the timer's mutex
};

/// The calls that have a limit, and the thread that watches them.
///
/// Never freed: its thread ends with the process. A forked child, which has no such thread, makes another.
/// Lock order: `mutex_` is a leaf; nobody holds it while attaching.
class call_timer {
public:
    /// The process's own.
    static call_timer &get() {
        static std::atomic<call_timer *> current{nullptr};
        call_timer *found = current.load(std::memory_order_acquire);
        while (found == nullptr || found->process_ != getpid()) {
            auto *const fresh = new call_timer;
            if (current.compare_exchange_strong(found, fresh, std::memory_order_acq_rel))
                return *fresh;
            delete fresh;  // nobody has seen it: it has no thread yet
        }
        return *found;
    }

    /// \throws std::system_error  no thread to be had.
    void add(timed_call &call) {
        const std::lock_guard<std::mutex> hold(mutex_);
        if (!started_) {
            stay_loaded(reinterpret_cast<const void *>(&call_timer::send));
            std::thread([this] { watch(); }).detach();
            started_ = true;
        }
        call.next = first_;
        if (first_ != nullptr)
            first_->prev = &call;
        first_ = &call;
        if (call.deadline < wakes_at_)
            changed_.notify_all();
    }

    /// The call is over. If it is being interrupted at this moment, that is awaited. Attached.
    void remove(timed_call &call) noexcept {
        if (process_ != getpid())
            return;  // forked meanwhile: the mutex may be held by a thread that does not exist here
        std::unique_lock<std::mutex> hold(mutex_);
        if (call.now == timed_call::stage::over) {
            hold.unlock();
            PyThreadState *const state = PyEval_SaveThread();  // let it in
            hold.lock();
            changed_.wait(hold, [&] { return call.now != timed_call::stage::over; });
            hold.unlock();
            restore_or_hang(state);
            hold.lock();
        }
        (call.prev != nullptr ? call.prev->next : first_) = call.next;
        if (call.next != nullptr)
            call.next->prev = call.prev;
    }

    /// Whether the call's time was over before it was.
    [[nodiscard]] bool has_interrupted(const timed_call &call) noexcept {
        if (process_ != getpid())
            return false;
        const std::lock_guard<std::mutex> hold(mutex_);
        return call.now != timed_call::stage::waiting;
    }

private:
    using clock = std::chrono::steady_clock;

    call_timer() = default;

    [[noreturn]] void watch() {
        std::unique_lock<std::mutex> hold(mutex_);
        for (;;) {
            wakes_at_ = clock::time_point::max();
            const clock::time_point now = clock::now();
            for (timed_call *call = first_; call != nullptr; call = call->next) {
                if (call->now != timed_call::stage::waiting)
                    continue;
                if (call->deadline <= now)
                    interrupt(*call);
                else if (call->deadline < wakes_at_)
                    wakes_at_ = call->deadline;
            }
            if (wakes_at_ == clock::time_point::max())
                changed_.wait(hold);
            else
                changed_.wait_until(hold, wakes_at_);
        }
    }

    /// Under the mutex. A thread of its own, because another one may hold the interpreter for long.
    void interrupt(timed_call &call) noexcept {
        call.now = timed_call::stage::over;
        try {
            std::thread([this, &call] { send(*this, call); }).detach();
        } catch (const std::system_error &) {
            call.now = timed_call::stage::waiting;  // no thread to be had: tried again a little later
            call.deadline = clock::now() + std::chrono::milliseconds(10);
            wakes_at_ = call.deadline < wakes_at_ ? call.deadline : wakes_at_;
        }
    }

    static void send(call_timer &timer, timed_call &call) noexcept {
        if (PyThreadState *const state = new_state(call.interpreter)) {
            restore_or_hang(state);
            interrupt_thread(call.thread);
            PyThreadState_Clear(state);
            PyThreadState_DeleteCurrent();
        }
        const std::lock_guard<std::mutex> hold(timer.mutex_);
        call.now = timed_call::stage::interrupted;
        timer.changed_.notify_all();  // under the mutex: afterwards the call may be gone
    }

    const pid_t process_ = getpid();
    std::mutex mutex_;
    std::condition_variable changed_;
    bool started_ = false;                                  // guarded by mutex_
    timed_call *first_ = nullptr;                           // guarded by mutex_
    clock::time_point wakes_at_ = clock::time_point::max(); // guarded by mutex_
};

}  // namespace holdfast::detail
