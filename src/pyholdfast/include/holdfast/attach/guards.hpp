// holdfast/attach/guards.hpp: attach_guard and detach_guard.
//
// attach/cached_state.hpp decides which state a thread attaches with, and who deletes it.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <memory>
#include <new>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/cached_state.hpp>
#include <holdfast/attach/view.hpp>

// Debug builds check that guards end in reverse order. The two kinds of guards are different types,
// so that translation units of both kinds can be linked together.
#if !defined(HOLDFAST_DEBUG) && !defined(NDEBUG) && !defined(__OPTIMIZE__)
#define HOLDFAST_DEBUG 1
#endif
#if defined(HOLDFAST_DEBUG) && HOLDFAST_DEBUG
#define HOLDFAST_DETAIL_GUARDS checked_guards
#else
#define HOLDFAST_DETAIL_GUARDS guards
#endif

namespace holdfast {

/// Whether the calling thread is attached to an interpreter, with or without a guard.
inline bool attached() noexcept { return detail::current_state(detail::cached_thread) != nullptr; }

namespace detail {

/// The interpreter that the calling thread is attached to; a null record if it is detached (or if
/// that interpreter is being finalized and was never registered).
inline interpreter_ref attached_ref() noexcept {
    thread_record *const self = cached_thread;
    if (self != nullptr && self->attached != nullptr && is_attached_with(self->attached))
        return self->attached_to;
    if (current_state(self) == nullptr)
        return {};
    return register_current();
}

/// drop_now() during a hold of the calling thread, which is attached with `state`. Does nothing
/// while an asynchronous exception is pending: it would be raised in a destructor, which swallows
/// it.
void drop_in_between(interpreter_record &record, PyThreadState *state) noexcept;

/// The calling thread is attached again with `state`, but not by a guard of ours: drops the
/// references that other threads left with that interpreter, if holdfast knows it.
void drop_for_foreign(PyThreadState *state) noexcept;

}  // namespace detail

/// The interpreter that the calling thread is attached to; an extension module keeps it for the
/// threads it starts.
/// \throws usage_error HF216 if the thread is not attached; closed_error if Python is finalizing.
HOLDFAST_REQUIRES_ATTACHED interpreter_view current_view();

inline namespace HOLDFAST_DETAIL_GUARDS {

/// Attaches the calling thread to an interpreter for the guard's lifetime.
///
/// Guards nest. If the thread is already attached to the same interpreter, the guard costs a
/// comparison. If it is attached to another one, the guard switches and switches back. The thread
/// state is cached for the thread's next attach. A thread that is inside passes a closed gate; a
/// new one is refused.
///
/// If pthread_cancel() cancels a thread while it waits to attach, the thread continues until it has
/// attached, and unwinds at its next cancellation point. The constructor of an outermost guard that
/// may throw is a cancellation point, before it waits.
///
/// Threads: construct and destroy on one thread, in reverse order.
class attach_guard {
public:
    /// Attaches to the interpreter that this thread is in. If the thread is detached: to the one
    /// that it was last in, with or without a guard, as long as that is alive; else to the main
    /// one. An outermost guard that has ended leaves no trace: the thread is then where it was
    /// before. After a plain PyEval_SaveThread() holdfast knows as much as CPython does: from 3.12
    /// on until the thread attaches elsewhere, and on 3.10 and 3.11 for a thread that Python
    /// called.
    /// \throws closed_error
    HOLDFAST_DETAIL_NAMED attach_guard(call_site site = call_site::current()) {
        detail::thread_record *const self = detail::cached_thread;
        if (self != nullptr && self->attached != nullptr &&
            detail::is_attached_with(self->attached)) {
            drop_what_others_left(*self);
            check_begin(self);
            return;
        }
        if (self == nullptr || !detail::cached_state_is_last(*self) ||
            !scope_.begin_fast(self, detail::cached_ref(*self), site)) {
            detail::cancellation_point();
            demand(scope_.begin_here(site));
        }
        check_begin(scope_.thread());
    }

    /// \throws closed_error if finalization has begun, or the view is dead.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(const interpreter_view &view,
                                                call_site site = call_site::current()) {
        if (is_nested(view)) {
            drop_what_others_left(*detail::cached_thread);
            check_begin(detail::cached_thread);
            return;
        }
        if (!scope_.begin_fast(detail::cached_thread, view.unresolved_ref(), site)) {
            detail::cancellation_point();
            demand(scope_.begin(view.unresolved_ref(), false, site));
        }
        check_begin(scope_.thread());
    }

    /// Reports a refusal instead of throwing: test the guard.
    HOLDFAST_DETAIL_NAMED attach_guard(const interpreter_view &view, std::nothrow_t,
                                       call_site site = call_site::current()) noexcept {
        if (is_nested(view))
            drop_what_others_left(*detail::cached_thread);
        else if (!scope_.begin_fast(detail::cached_thread, view.unresolved_ref(), site))
            reason_ = scope_.begin(view.unresolved_ref(), false, site);
        if (reason_ == closed_reason::none)
            check_begin(detail::cached_thread);
    }

    /// Admitted even while the interpreter is closing: the guard holds finalization back.
    /// \throws closed_error if the guard holds nothing.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(const interpreter_guard &guard,
                                                call_site site = call_site::current()) {
        if (!guard)
            throw closed_error(guard.reason() == closed_reason::none ? closed_reason::not_started
                                                                     : guard.reason());
        if (is_nested(guard.view()))
            drop_what_others_left(*detail::cached_thread);
        else if (!scope_.begin_fast(detail::cached_thread, guard.view().unresolved_ref(), site))
            demand(scope_.begin(guard.view().ref(), true, site));
        check_begin(detail::cached_thread);
    }

    attach_guard(const attach_guard &) = delete;
    attach_guard &operator=(const attach_guard &) = delete;

    ~attach_guard() {
        check_end();
        if (scope_.active())
            scope_.end();
    }

    /// False if the thread was refused.
    explicit operator bool() const noexcept { return reason_ == closed_reason::none; }
    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }

private:
    static bool is_nested(const interpreter_view &view) noexcept {
        detail::thread_record *const self = detail::cached_thread;
        return self != nullptr && self->attached != nullptr &&
               self->attached_to == view.unresolved_ref() &&
               detail::is_attached_with(self->attached);
    }

    /// Also when nested: a thread that stays attached for life has no later outermost attach to do
    /// it.
    static void drop_what_others_left(const detail::thread_record &self) noexcept {
        if (detail::has_drops(*self.attached_to.record))
            detail::drop_in_between(*self.attached_to.record,
                                    static_cast<PyThreadState *>(self.attached));
    }

    static void demand(closed_reason reason) {
        if (reason != closed_reason::none)
            refuse(reason);
    }

    [[noreturn]] HOLDFAST_DETAIL_COLD static void refuse(closed_reason reason) {
        throw closed_error(reason);
    }

#if defined(HOLDFAST_DEBUG) && HOLDFAST_DEBUG
    void check_begin(detail::thread_record *self) noexcept {
        self_ = self;
        if (self_ != nullptr) {
            older_ = self_->innermost;
            self_->innermost = this;
        }
    }
    void check_end() noexcept {
        if (self_ == nullptr)
            return;
        if (self_ != detail::cached_thread || self_->innermost != this)
            detail::guards_out_of_order();
        self_->innermost = older_;
    }
    detail::thread_record *self_ = nullptr;
    const void *older_ = nullptr;
#else
    void check_begin(detail::thread_record *) noexcept {}
    void check_end() noexcept {}
#endif

    detail::attach_scope scope_;
    closed_reason reason_ = closed_reason::none;
};

}  // namespace HOLDFAST_DETAIL_GUARDS

namespace detail {

/// While a thread is detached that no guard of ours had attached, in a sub-interpreter: records
/// which interpreter it comes from.
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
    void *before_ = nullptr;         // the record's fields before
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

/// Creates a guard on the heap that records the caller's line; std::make_unique() would record a
/// line of its own.
///
///   auto held = holdfast::make_guard<holdfast::interpreter_guard>(view);
///
/// \throws closed_error  like the guard's constructor
template <class Guard>
[[nodiscard]] std::unique_ptr<Guard> make_guard(const interpreter_view &view,
                                                call_site site = call_site::current()) {
    return std::unique_ptr<Guard>(new Guard(view, site));
}

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
