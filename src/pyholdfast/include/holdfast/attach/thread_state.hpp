// holdfast/attach/thread_state.hpp: attach_guard, detach_guard and the thread states kept between attaches.
//
// Which state a thread attaches with, and who deletes it, is in attach/cached_state.hpp.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <memory>
#include <new>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/cached_state.hpp>
#include <holdfast/attach/view.hpp>

// Debug builds check that guards end in reverse order. The two kinds are different types, so that
// translation units of both kinds can be linked together.
#if !defined(HOLDFAST_DEBUG) && !defined(NDEBUG) && !defined(__OPTIMIZE__)
#define HOLDFAST_DEBUG 1
#endif
#if defined(HOLDFAST_DEBUG) && HOLDFAST_DEBUG
#define HOLDFAST_DETAIL_GUARDS checked_guards
#else
#define HOLDFAST_DETAIL_GUARDS guards
#endif

namespace holdfast {

/// Whether the calling thread is attached to an interpreter, by whatever means.
inline bool attached() noexcept { return detail::current_state(detail::cached_thread) != nullptr; }

namespace detail {

/// The interpreter that the calling thread is attached to; a null record if it is detached (or if
/// that interpreter is being finalized and was never known).
inline interpreter_ref attached_ref() noexcept {
    thread_record *const self = cached_thread;
    if (self != nullptr && self->attached != nullptr && is_attached_with(self->attached))
        return self->attached_to;
    if (current_state(self) == nullptr)
        return {};
    return register_current();
}

/// drop_now() in the middle of what the calling thread is attached for, with `state`. Not while an
/// asynchronous exception waits: it would be raised in a destructor, which swallows it.
void drop_in_between(interpreter_record &record, PyThreadState *state) noexcept;

/// The calling thread has come back, attached with `state`, but not by a guard of ours: what others
/// left with that interpreter is dropped, if holdfast knows it.
void drop_for_foreign(PyThreadState *state) noexcept;

}  // namespace detail

/// The interpreter that the calling thread is attached to: what an extension module keeps for the
/// threads it starts.
/// \throws usage_error HF216 if the thread is not attached; closed_error if Python is finalizing.
HOLDFAST_REQUIRES_ATTACHED interpreter_view current_view();

inline namespace HOLDFAST_DETAIL_GUARDS {

/// Attaches the calling thread to an interpreter for the guard's lifetime.
///
/// Nests: already attached to the same interpreter, it costs a comparison. Attached to another one,
/// it switches and switches back. The thread state is kept for the thread's next attach. A thread
/// that is inside passes a closed gate; a newcomer is refused.
///
/// A thread that is cancelled by pthread_cancel() while it waits to attach goes on until it has
/// attached, and unwinds at its next cancellation point. An outermost guard that may throw is one,
/// before it waits.
///
/// Threads: construct and destroy on one thread, in reverse order.
class attach_guard {
public:
    /// To the interpreter this thread is in; if it is detached, to the one that it was last in, by
    /// whatever means, as long as that lives; else to the main one. An outermost guard that has
    /// ended leaves no trace: the thread is then where it was before. After a plain
    /// PyEval_SaveThread() it is known as far as CPython knows it: from 3.12 on until the thread
    /// attaches elsewhere, and on 3.10 and 3.11 for a thread that Python called.
    /// \throws closed_error
    HOLDFAST_DETAIL_NAMED attach_guard(detail::call_site site = detail::call_site::current()) {
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

    /// \throws closed_error once finalization began, or if the view is dead.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(
        const interpreter_view &view, detail::call_site site = detail::call_site::current()) {
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

    /// Refused instead of thrown: test it.
    HOLDFAST_DETAIL_NAMED attach_guard(
        const interpreter_view &view, std::nothrow_t,
        detail::call_site site = detail::call_site::current()) noexcept {
        if (is_nested(view))
            drop_what_others_left(*detail::cached_thread);
        else if (!scope_.begin_fast(detail::cached_thread, view.unresolved_ref(), site))
            reason_ = scope_.begin(view.unresolved_ref(), false, site);
        if (reason_ == closed_reason::none)
            check_begin(detail::cached_thread);
    }

    /// Admitted even while the interpreter is closing: the guard holds finalization back.
    /// \throws closed_error if the guard holds nothing.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(
        const interpreter_guard &guard, detail::call_site site = detail::call_site::current()) {
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

    /// Nested: a thread that is attached for life has no outermost attach that would do it.
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

/// While a thread is detached that no guard of ours had attached, in a sub-interpreter: that it
/// comes from there.
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

    thread_record *self_ = nullptr;  // null: nothing was noted
    void *before_ = nullptr;         // the record's fields before
    interpreter_ref before_in_{};
    const void *before_at_ = nullptr;
};

/// Detaches for its lifetime, and runs no Python at its end: for waits that come back with a lock
/// in hand.
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
    /// called before.
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

/// What others left while this thread was detached. Attached again, with `state`.
inline void drop_after_detach(PyThreadState *state) noexcept {
    const thread_record *const self = cached_thread;
    if (self == nullptr || self->attached != state)
        drop_for_foreign(state);
    else if (has_drops(*self->attached_to.record))
        drop_in_between(*self->attached_to.record, state);
}

}  // namespace detail

/// A guard on the heap that knows the line which made it; std::make_unique() would give it a line
/// of its own.
///
///     auto held = holdfast::make_guard<holdfast::interpreter_guard>(view);
///
/// \throws closed_error  as the guard's constructor
template <class Guard>
[[nodiscard]] std::unique_ptr<Guard> make_guard(
    const interpreter_view &view, detail::call_site site = detail::call_site::current()) {
    return std::unique_ptr<Guard>(new Guard(view, site));
}

/// Detaches the calling thread for the guard's lifetime: around everything that may block.
///
/// Does nothing where the thread is not attached. A thread that was inside stays inside: it is
/// waited for, and comes back through a closed gate. Attached again, it drops the references that
/// other threads left meanwhile, whose destructors may run Python: hold no lock then that they
/// might take.
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
#include <holdfast/attach/thread_state.ipp>
#endif
