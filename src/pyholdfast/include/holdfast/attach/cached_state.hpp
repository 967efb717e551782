// holdfast/attach/cached_state.hpp: which thread state a thread attaches with, and who deletes it.
//
// Rules (CPython's reasons are in docs/explanation/thread-states.md):
//  - Only its own thread creates, attaches and deletes a state that we made.
//  - If the thread has a state of this interpreter that is not ours (a Python thread, or a library
//    in the middle of its own PyGILState_Ensure), we borrow it; we never cache or delete it.
//  - Otherwise we create one and cache it for the next attach.
//  - The thread's exit hook deletes a cached state, inside the gate. If the gate is closed, the
//    hook leaves the state alone: finalization frees it, and the generation shows that.
//
// The states cached in a sub-interpreter must be deleted before it ends: see delete_state.hpp.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/annotations.hpp>
#include <holdfast/attach/deferred.hpp>
#include <holdfast/attach/delete_state.hpp>
#include <holdfast/attach/gilstate_slot.hpp>
#include <holdfast/attach/new_state.hpp>
#include <holdfast/attach/register_interpreter.hpp>
#include <holdfast/attach/view.hpp>
#include <holdfast/process/trace_hooks.hpp>

namespace holdfast::detail {

PyThreadState *save_recorded(thread_track &seen, hold_purpose &earlier) noexcept;
void restore_recorded(thread_track &seen, PyThreadState *state, hold_purpose earlier) noexcept;

/// Detaches for a while, during a hold.
inline PyThreadState *save_for_a_while(hold_purpose &earlier) noexcept {
    thread_track *const seen = track_of_this_thread();
    return seen == nullptr ? save_uncancelled() : save_recorded(*seen, earlier);
}

/// Attaches again after save_for_a_while().
inline void restore_after_a_while(PyThreadState *state, hold_purpose earlier) noexcept {
    thread_track *const seen = earlier.known ? track_of_this_thread() : nullptr;
    if (seen == nullptr)
        restore_or_hang(state);
    else
        restore_recorded(*seen, state, earlier);
}

[[noreturn]] void guards_out_of_order() noexcept;

/// The main interpreter as this thread last attached to it. May be stale; the gate then says so.
inline interpreter_ref cached_ref(const thread_record &self) noexcept {
    return {self.main_slot.record, self.main_slot.cached_generation};
}

/// `parked`: cached, and taken out of the thread's PyGILState slot when the attach ends.
enum class ownership : unsigned char { cached, borrowed, transient, parked };

void drop_async_exception(interpreter_record &record, PyThreadState *state) noexcept;

/// Leaves nothing of this attach to the next one: reports an exception that is still set as
/// unraisable.
inline void leave_clean(interpreter_record &record, PyThreadState *state) noexcept {
    if (has_error(state))
        PyErr_WriteUnraisable(nullptr);
    if (has_async_exception(state))
        drop_async_exception(record, state);
}

/// Deletes the states that the thread cached. If the interpreter is closing, finalization does
/// that. It waits to attach, so an attached thread must not join this one (use holdfast::join()).
void end_cached_state(thread_record &self, thread_slot &slot) noexcept;
void end_cached_states(thread_record &self) noexcept;

/// Whether a sub-interpreter's state can be kept out of the calling thread's slot. Attached with
/// it.
HOLDFAST_REQUIRES_ATTACHED bool can_be_parked(const PyThreadState *state) noexcept;

/// Records where on the stack a guard attached: later calls from Python are deeper (state_of_this_thread.hpp).
inline void note_where(thread_record &self) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)self;  // the slot shows where the thread was last
#else
    self.attached_at = __builtin_frame_address(0);
#endif
}

/// Whether the calling thread is detached and may attach with `cached`, a live state of its own,
/// because no other state was attached since.
inline bool may_attach_with(const PyThreadState *cached) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    return is_idle_in_slot(cached);
#else
    PyThreadState *const now = unchecked_state();
    return now == nullptr || (now != cached && !is_attached_here(now));
#endif
}

/// Whether a thread that is in no guard was last in the main interpreter, provided that the state
/// cached there was its last.
inline bool cached_state_is_last(const thread_record &self) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)self;
    return true;  // begin_fast() checks the slot
#else
    // is_main_alone() with one call less. If it is out of date, the gate refuses.
    return PyInterpreterState_Head() ==
           self.process->main.interpreter.load(std::memory_order_relaxed);
#endif
}

/// One outermost attach: an attach_guard owns it unless the guard is merely nested.
class attach_scope {
public:
    attach_scope() = default;
    attach_scope(const attach_scope &) = delete;
    attach_scope &operator=(const attach_scope &) = delete;

    [[nodiscard]] bool active() const noexcept { return self_ != nullptr; }
    [[nodiscard]] thread_record *thread() const noexcept {
        return self_ != nullptr ? self_ : cached_thread;
    }

    /// The common case of begin(): a detached thread in no guard of ours, whose cached state no
    /// library has replaced. False: nothing was done, and begin() handles the case.
    [[nodiscard]] bool begin_fast(thread_record *self, interpreter_ref ref,
                                  call_site site) noexcept {
        if (self == nullptr || self->attached != nullptr || threads_may_be_cancelled())
            return false;
        thread_slot &slot = self->main_slot;
        if (__builtin_expect(static_cast<long>(slot.record != ref.record), 0) != 0)
            return begin_fast_elsewhere(*self, ref, site);
        auto *const cached = static_cast<PyThreadState *>(slot.cached);
        if (cached == nullptr || slot.cached_generation != ref.generation || slot.depth != 0 ||
            !ref.record->door.enter(slot.entry, site))
            return false;
        // `cached` may be read only now, with finalization held back.
        if (ref.record->generation.load(std::memory_order_relaxed) != ref.generation ||
            !may_attach_with(cached)) {
            ref.record->door.leave(slot.entry);
            return false;
        }
        return attach_with_cached(*self, slot, ref, cached, ownership::cached, site);
    }

    /// To the interpreter this thread is in, else the one it was last in, else the main one.
    [[nodiscard]] closed_reason begin_here(call_site site) noexcept;

    /// \param even_if_closed  the caller guarantees that finalization is being held back.
    [[nodiscard]] closed_reason begin(interpreter_ref ref, bool even_if_closed,
                                      call_site site) noexcept;

    void end() noexcept {
        interpreter_record &record = *slot_->record;
        // Not attached here: Python's exit did not wait for this thread, and unwinds it from a
        // detached stretch; then there is nothing left to detach.
        if (attached_ && is_attached_with(state_)) {
            thread_track *const seen = track_of(*self_);
            if (owner_ != ownership::borrowed)
                leave_clean(record, state_);
            const std::uint64_t left = seen != nullptr ? end_hold(*seen) : 0;
            if (owner_ >= ownership::transient)
                detach_elsewhere();
            else
                save_uncancelled();
            if (seen != nullptr)
                record_hold(*seen, left, 0);
        }
        self_->attached = previous_;
        self_->attached_to = previous_to_;
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
        self_->attached_at = previous_at_;
#endif
        leave();
        if (suspended_ != nullptr)
            restore_after_a_while(suspended_, suspended_for_);
    }

private:
    /// begin_fast() for a sub-interpreter. Out of line, so that it does not lengthen begin_fast().
    [[nodiscard]] bool begin_fast_elsewhere(thread_record &self, interpreter_ref ref,
                                            call_site site) noexcept;

    /// The rest of begin_fast(), inside the gate: true, unless the thread is refused.
    bool attach_with_cached(thread_record &self, thread_slot &slot, interpreter_ref ref,
                            PyThreadState *cached, ownership owner, call_site site) noexcept {
        slot.depth = 1;
        thread_track *const seen = track_of(self);
        if (seen != nullptr)
            begin_wait(*seen, site, ref.generation);
        restore_or_hang(cached);
        if (seen != nullptr)
            begin_hold(*seen, cached);
        self_ = &self;
        slot_ = &slot;
        state_ = cached;
        attached_ = true;
        owner_ = owner;
        self.attached = cached;
        self.attached_to = ref;
        note_where(self);
        if (has_async_exception(cached) && turned_away())
            return false;
        if (has_drops(*ref.record))
            drop_now(*ref.record);
        return true;
    }

    /// Detaches from a sub-interpreter: deletes the state, or caches it and takes it out of the
    /// slot.
    void detach_elsewhere() noexcept;

    /// Goes through the gate, unless the thread is already inside. Afterwards the generation cannot
    /// change.
    bool enter(thread_slot &slot, interpreter_ref ref, bool pass, call_site site) noexcept;

    bool attach(thread_record &self, interpreter_ref ref, PyThreadState *now,
                call_site site) noexcept;

    /// Detached: the interpreter that the thread was last in, with or without a guard. A null
    /// record: unknown.
    interpreter_ref find_last(thread_record &self, call_site site) noexcept;

    /// Handles an asynchronous exception that is pending right after attaching. It may be aimed at
    /// an earlier call of this thread, which has ended; then it is dropped. Or finalize()
    /// interrupts the threads inside, and this thread, which was queued, has not begun anything
    /// yet; then the scope ends again and this returns true: the thread is refused like a new one.
    bool turned_away(bool even_if_closed = false) noexcept;

    void leave() noexcept {
        if (--slot_->depth == 0)
            slot_->record->door.leave(slot_->entry);
    }

    thread_record *self_ = nullptr;  // null: there is nothing to end
    thread_slot *slot_ = nullptr;
    PyThreadState *state_ = nullptr;
    PyThreadState *suspended_ = nullptr;  // the state attached before, to another interpreter
    hold_purpose suspended_for_{};
    void *previous_ = nullptr;  // the record's fields before this scope
    interpreter_ref previous_to_{};
    const void *previous_at_ = nullptr;
    bool attached_ = false;  // we attached; false if the thread already was attached
    ownership owner_ = ownership::borrowed;
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/cached_state.ipp>
#endif
