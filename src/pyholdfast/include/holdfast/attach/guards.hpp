// holdfast/attach/guards.hpp: attach_guard and detach_guard.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/attach_guard.hpp>

namespace holdfast {

namespace detail {

/// The calling thread is attached again with `state`, but not by a guard of ours: drops the
/// references that other threads left with that interpreter, if holdfast knows it.
void drop_for_foreign(PyThreadState *state) noexcept;

/// Records the interpreter of a thread that detaches in a sub-interpreter, if none of our guards
/// had attached it.
class noted_place {
public:
    /// Attached with `now`.
    HOLDFAST_REQUIRES_ATTACHED void begin(PyThreadState *now) noexcept {
        if ((cached_thread == nullptr || now != cached_thread->attached) &&
            PyThreadState_GetInterpreter(now) != PyInterpreterState_Main())
            note();
    }
    void end() noexcept {
        if (self_ == nullptr)
            return;
        self_->attached = before_;
        self_->attached_to = before_in_;
        self_->attached_at = before_at_;
        self_ = nullptr;
    }

private:
    void note() noexcept;

    thread_record *self_ = nullptr;  // null: nothing was recorded
    void *before_ = nullptr;         // the thread record's earlier fields
    interpreter_ref before_in_{};
    const void *before_at_ = nullptr;
};

/// Detaches for its lifetime, and runs no Python at its end: for waits that return with a lock
/// held.
class detached_scope {
public:
    detached_scope() noexcept {
        if (PyThreadState *const now = current_state(cached_thread)) {
            noted_.begin(now);
            state_ = save_for_a_while(earlier_);
        }
    }
    detached_scope(const detached_scope &) = delete;
    detached_scope &operator=(const detached_scope &) = delete;
    ~detached_scope() { end(); }

    /// Attaches again, and returns the state; null: the thread was not attached, or end() was
    /// already called.
    PyThreadState *end() noexcept {
        if (state_ != nullptr) {
            restore_after_a_while(state_, earlier_);
            noted_.end();
        }
        return std::exchange(state_, nullptr);
    }

private:
    noted_place noted_;
    PyThreadState *state_ = nullptr;
    hold_purpose earlier_{};
};

/// Drops the references that other threads left while this thread was detached. Attached again,
/// with `state`.
inline void drop_after_detach(PyThreadState *state) noexcept {
    const thread_record *const self = cached_thread;
    if (self == nullptr || self->attached != state)
        drop_for_foreign(state);
    else if (has_drops(*self->attached_to.record))
        drop_in_between(*self->attached_to.record, state);
}

}  // namespace detail

/// Detaches the calling thread for the guard's lifetime. Use it around everything that may block.
///
/// Does nothing if the thread is not attached. A thread that was inside stays inside: finalization
/// waits for it, and it can attach again through a closed gate. When it attaches again, it drops
/// the references that other threads left meanwhile. Their destructors may run Python, so hold no
/// lock then that they might take.
///
/// Threads: construct and destroy on one thread, in reverse order.
class detach_guard {
public:
    HOLDFAST_DETAIL_NAMED detach_guard() noexcept {}
    detach_guard(const detach_guard &) = delete;
    detach_guard &operator=(const detach_guard &) = delete;
    ~detach_guard() {
        if (PyThreadState *const state = detached_.end())
            detail::drop_after_detach(state);
    }

private:
    detail::detached_scope detached_;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/guards.ipp>
#endif
