// holdfast/attach/attach_guard.hpp: the path of an attach, from the guard's constructor to its end.
//
// attach() handles a nested attach. attach_guard.common.ipp has the common case: begin() goes through
// the gate, attach_with() waits and attaches, end() detaches and leaves the gate. Rarer cases are
// in attach_guard.ipp; cached_state.hpp says which state a thread attaches with.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <new>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/cached_state.hpp>
#include <holdfast/attach/view.hpp>

namespace holdfast {

/// Whether the calling thread is attached to an interpreter, with or without a guard.
inline bool attached() noexcept { return detail::current_state(detail::cached_thread) != nullptr; }

namespace detail {

/// Whether the calling thread, whose record is `self` if it has one, is attached by its innermost
/// guard.
inline bool is_in_guard(const thread_record *self) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    return self != nullptr && self->attached != nullptr && is_attached_with(self->attached);
#else
    // CPython is asked first, so that nothing must be kept while it answers.
    const PyThreadState *const now = unchecked_state();
    return now != nullptr && self != nullptr && self->attached == now;
#endif
}

/// The interpreter that the calling thread is attached to; a null record if it is detached (or if
/// that interpreter is being finalized and was never registered).
inline interpreter_ref attached_ref() noexcept {
    thread_record *const self = cached_thread;
    if (is_in_guard(self))
        return self->attached_to;
    if (current_state(self) == nullptr)
        return {};
    return register_current();
}

/// Calls drop_now() on a thread that is attached with `state`, in the middle of a hold. Does
/// nothing while an asynchronous exception is pending: it would be raised in a destructor, which
/// would swallow it.
void drop_in_between(interpreter_record &record, PyThreadState *state) noexcept;

/// The same for a thread that is attached by a guard, if there are any.
HOLDFAST_DETAIL_INLINE void drop_if_any(const thread_record &self) noexcept {
    if (has_drops(*self.attached_to.record))
        drop_in_between(*self.attached_to.record, static_cast<PyThreadState *>(self.attached));
}

[[noreturn]] void guards_out_of_order() noexcept;

/// What else is done around an attach that has to wait. From `begin` to `end` the thread does nothing
/// but attach: it is admitted, nothing can fail, and it cannot be cancelled.
struct around_wait {
    void (*begin)(around_wait &self, PyInterpreterState *interpreter) noexcept;
    void (*end)(around_wait &self) noexcept;
};

/// How the C interface makes a guard in the memory of a scope.
struct scope_access;

}  // namespace detail

namespace experimental {
class urgent_attach_guard;
}

/// The interpreter that the calling thread is attached to; an extension module keeps it for the
/// threads it starts.
/// \throws usage_error HF216 if the thread is not attached; closed_error if Python is finalizing.
HOLDFAST_REQUIRES_ATTACHED interpreter_view current_view();

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
        attach({}, wanted::where_it_is, site);
    }

    /// \throws closed_error if finalization has begun, or the view is dead.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(const interpreter_view &view,
                                                call_site site = call_site::current()) {
        attach(view.unresolved_ref(), wanted::view, site);
    }

    /// Reports a refusal instead of throwing: test the guard.
    HOLDFAST_DETAIL_NAMED attach_guard(const interpreter_view &view, std::nothrow_t,
                                       call_site site = call_site::current()) noexcept {
        attach(view.unresolved_ref(), wanted::view_or_reason, site);
    }

    /// Admitted even while the interpreter is closing: the guard holds finalization back.
    /// \throws closed_error if the guard holds nothing.
    HOLDFAST_DETAIL_NAMED explicit attach_guard(const interpreter_guard &guard,
                                                call_site site = call_site::current()) {
        if (!guard)
            detail::refuse(guard.reason());
        attach(guard.view().unresolved_ref(), wanted::held_open, site);
    }

    attach_guard(const attach_guard &) = delete;
    attach_guard &operator=(const attach_guard &) = delete;

    ~attach_guard() {
        if (self_ != nullptr)
            end();
    }

    /// False if the thread was refused.
    explicit operator bool() const noexcept { return reason_ == closed_reason::none; }
    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }

private:
    friend class experimental::urgent_attach_guard;
    friend struct detail::scope_access;
    enum class wanted : unsigned char { where_it_is, view, view_or_reason, held_open };

    struct not_begun {};
    explicit attach_guard(not_begun) noexcept {}

    attach_guard(const interpreter_view &view, wanted how, detail::around_wait &around,
                 call_site site) {
        begin_slowly(view.unresolved_ref(), how, site, &around);
        if (site.checks_order() && reason_ == closed_reason::none)
            begin_check();
    }

    HOLDFAST_DETAIL_INLINE void attach(detail::interpreter_ref ref, wanted how, call_site site) {
        detail::thread_record *const self = detail::cached_thread;
        if (detail::is_in_guard(self) && (how == wanted::where_it_is || self->attached_to == ref)) {
            // Nested. It drops the references that others left, because a thread that stays
            // attached for life never makes another outermost attach.
            detail::drop_if_any(*self);
        } else {
            if (how == wanted::where_it_is && self != nullptr &&
                detail::cached_state_is_last(*self))
                ref = detail::cached_ref(*self);
            if (__builtin_expect(static_cast<long>(begin(ref, site)), 1) == 0)
                begin_slowly(ref, how, site);
        }
        if (site.checks_order() && reason_ == closed_reason::none)
            begin_check();
    }

    // --- the common case: attach_guard.common.ipp ------------------------------------------------

    /// The common case: the outermost guard of a detached thread that has cached a state. Also a
    /// nested guard from a view that was taken before the first start. False: it is another case,
    /// nothing has changed, and begin_slowly() handles it.
    HOLDFAST_DETAIL_PRIVATE bool begin(detail::interpreter_ref ref, call_site site) noexcept;

    /// Inside the gate: waits, attaches, and drops the references that others left. False: the
    /// thread is refused after all, and has left the gate.
    bool attach_with(PyThreadState *state, detail::ownership owner, detail::thread_record &self,
                     detail::thread_slot &slot, std::uint64_t generation, bool even_if_closed,
                     call_site site, detail::around_wait *around = nullptr) noexcept;

    bool arrive(PyThreadState *state, detail::ownership owner, detail::thread_record &self,
                detail::thread_slot &slot, std::uint64_t generation, bool even_if_closed) noexcept;

    HOLDFAST_DETAIL_PRIVATE void end() noexcept;

    void detach() noexcept;

    // --- rarer cases: attach_guard.ipp -----------------------------------------------------------

    /// Every other attach. \throws closed_error if refused, except for wanted::view_or_reason.
    void begin_slowly(detail::interpreter_ref ref, wanted how, call_site site,
                      detail::around_wait *around = nullptr);

    /// Attaches to the interpreter this thread is in, or was last in, or else to the main one.
    [[nodiscard]] closed_reason begin_here(call_site site) noexcept;

    /// \param even_if_closed  the caller guarantees that finalization is being held back.
    [[nodiscard]] closed_reason begin_in(detail::interpreter_ref ref, bool even_if_closed,
                                         call_site site,
                                         detail::around_wait *around = nullptr) noexcept;

    /// Handles an asynchronous exception that is pending right after attaching. If it was meant for
    /// an earlier call of this thread, which has ended, it is dropped. If finalize() interrupts the
    /// threads inside, this thread, which was queued, has not begun anything yet: the guard ends
    /// again and this returns true. The thread is then refused like a new one.
    [[nodiscard]] bool turned_away(bool even_if_closed) noexcept;

    void detach_recorded(detail::thread_track &seen) noexcept;

    /// Detaches from a sub-interpreter: deletes the state, or caches it and takes it out of the
    /// slot.
    void detach_elsewhere() noexcept;

    /// Debug builds: adds the guard, nested or not, to the thread's chain of guards.
    void begin_check() noexcept;

    /// Aborts unless this is the youngest guard of its thread. False: it was nested.
    [[nodiscard]] bool end_check() noexcept;

    detail::thread_record *self_ = nullptr;  // null: nested or refused; there is nothing to end
    closed_reason reason_ = closed_reason::none;
    bool is_checked_ = false;  // it is in the thread's chain of guards, to check their order
    // What follows has a value only while `self_` has one.
    detail::ownership owner_;
    detail::thread_slot *slot_;
    PyThreadState *state_;
    PyThreadState *suspended_;  // the state attached before, to another interpreter
    detail::hold_purpose suspended_for_;
    void *previous_;  // the thread record's fields before this guard
    detail::interpreter_record *previous_record_;
    std::uint64_t previous_generation_;
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    const void *at_;  // where begin() was called; after that, the record's earlier value
#endif
    const void *older_;  // if checked: the guard before this one
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/attach_guard.common.ipp>
#include <holdfast/attach/attach_guard.ipp>
#endif
