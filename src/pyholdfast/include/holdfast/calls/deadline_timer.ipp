// holdfast/calls/deadline_timer.ipp: the bodies of deadline_timer.hpp.
#pragma once

#include <holdfast/calls/deadline_timer.hpp>

#include <memory>
#include <thread>

#include <holdfast/attach/new_state.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/platform/detached_thread.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/thread_name.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY void call_timer::add(timed_call &call) {
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

HOLDFAST_DETAIL_BODY void call_timer::remove(timed_call &call) noexcept {
    if (!is_of_this_process())
        return;  // forked meanwhile: the mutex may be held by a thread that does not exist here
    std::unique_lock<std::mutex> hold(mutex_);
    limit_watcher &watcher = *call.watcher;
    PyThreadState *state = nullptr;
    if (call.now == timed_call::stage::over) {
        hold.unlock();
        // Lets the watcher attach. A thread that unwinds out of Python code may be detached already.
        state = attached() ? PyEval_SaveThread() : nullptr;
        hold.lock();
        // holdfast: ignore[HF613] it is detached now
        watcher.changed.wait(hold, [&] { return call.now != timed_call::stage::over; });
    }
    // Unlink it before attaching: a call that was held off would be due again in a moment.
    (call.prev != nullptr ? call.prev->next : watcher.first) = call.next;
    if (call.next != nullptr)
        call.next->prev = call.prev;
    hold.unlock();
    if (state != nullptr)
        restore_or_hang(state);
}

HOLDFAST_DETAIL_BODY bool call_timer::has_interrupted(const timed_call &call) noexcept {
    if (!is_of_this_process())
        return false;
    const std::lock_guard<std::mutex> hold(mutex_);
    return call.now != timed_call::stage::waiting;
}

HOLDFAST_DETAIL_COLD_BODY void call_timer::raise_again_around(const timed_call &ended) noexcept {
    const PyObject *const limit_type = limit_reached_type();
    PyErr_Clear();
    std::unique_lock<std::mutex> hold(mutex_);
    const auto one_is_over = [&ended] {
        bool found = false;
        visit_around_locked(ended, [&found](const timed_call &call) {
            found = found || call.now == timed_call::stage::over;
        });
        return found;
    };
    while (one_is_over()) {  // what it gets is known only when it is settled
        hold.unlock();
        PyThreadState *const state = PyEval_SaveThread();
        hold.lock();
        ended.watcher->changed.wait(hold, [&one_is_over] { return !one_is_over(); });
        hold.unlock();
        restore_or_hang(state);
        hold.lock();
    }
    if (PyThreadState_Get()->async_exc == limit_type)  // it is meant for them, too
        return;
    visit_around_locked(ended, [](timed_call &call) {
        if (call.now != timed_call::stage::interrupted)
            return;
        call.now = timed_call::stage::waiting;
        call.deadline = clock::now();
        call.pause = {};
        call.watcher->changed.notify_all();
    });
}

HOLDFAST_DETAIL_COLD_BODY limit_watcher &call_timer::watcher_of_locked(
    PyInterpreterState *interpreter) {
    limit_watcher *idle = nullptr;
    for (limit_watcher *one = watchers_; one != nullptr; one = one->next) {
        if (one->first != nullptr && one->interpreter == interpreter)
            return *one;
        if (one->first == nullptr)
            idle = one;
    }
    if (idle == nullptr) {
        auto made = std::make_unique<limit_watcher>();
        pin_library(reinterpret_cast<const void *>(&call_timer::interrupt));
        limit_watcher *const fresh = made.get();
        start_detached([this, fresh] { watch(*fresh); });  // it waits for the mutex first
        made->next = watchers_;
        idle = watchers_ = made.release();
    }
    idle->interpreter = interpreter;
    return *idle;
}

HOLDFAST_DETAIL_BODY void call_timer::watch(limit_watcher &self) {
    set_thread_name("hf-limit");
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

HOLDFAST_DETAIL_BODY timed_call *call_timer::take_over_locked(limit_watcher &self) noexcept {
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

HOLDFAST_DETAIL_COLD_BODY bool call_timer::interrupt(PyInterpreterState *interpreter,
                                                     timed_call *over) noexcept {
    PyThreadState *const fresh = new_state(interpreter);
    if (fresh == nullptr)
        return false;
    for (timed_call *call = over; call != nullptr; call = call->next_over)
        call->outcome = raise_outcome::elsewhere;
    ask(over);
    const transient_attach attached(fresh);
    for (int tries = 1; !try_each(over) && tries < tries_at_one_go; ++tries) {
        PyEval_SaveThread();
        ask(over);
        restore_or_hang(fresh);
    }
    return true;
}

HOLDFAST_DETAIL_COLD_BODY void call_timer::ask(timed_call *over) noexcept {
    ask_one_to_check([over](const auto &ask_thread) {
        for (timed_call *call = over; call != nullptr; call = call->next_over)
            if (call->outcome == raise_outcome::elsewhere)
                ask_thread(call->asked);
    });
}

HOLDFAST_DETAIL_COLD_BODY bool call_timer::try_each(timed_call *over) noexcept {
    bool done = true;
    for (timed_call *call = over; call != nullptr; call = call->next_over) {
        if (call->outcome == raise_outcome::elsewhere)
            call->outcome = interrupt_thread(call->thread, limit_reached_type(),
                                             call->pause.is_patient(), call->asked);
        done = done && call->outcome != raise_outcome::elsewhere;
    }
    return done;
}

HOLDFAST_DETAIL_BODY void call_timer::settle_locked(timed_call *over, bool done) noexcept {
    for (; over != nullptr; over = over->next_over) {
        // Its thread is in within(), so it exists, whatever the attempt has found.
        const bool again = over->outcome != raise_outcome::raised;
        over->now = done && !again ? timed_call::stage::interrupted : timed_call::stage::waiting;
        if (!done)
            over->deadline = clock::now() + until_there_may_be_memory;
        else if (again)
            over->deadline = clock::now() + over->pause.next();
    }
}

}  // namespace holdfast::detail
