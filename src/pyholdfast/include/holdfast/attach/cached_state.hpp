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

// The next two functions call these if the thread is traced.
void attach_recorded(thread_track &seen, PyThreadState *state, call_site site,
                     std::uint64_t generation) noexcept;
PyThreadState *save_recorded(thread_track &seen, hold_purpose &earlier) noexcept;
void restore_recorded(thread_track &seen, PyThreadState *state, hold_purpose earlier) noexcept;

/// Detaches for a while, in the middle of a hold.
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

/// The main interpreter that this thread last attached to. If it is stale, the gate refuses.
inline interpreter_ref cached_ref(const thread_record &self) noexcept {
    return {self.main_slot.record, self.main_slot.cached_generation};
}

/// Whose state a guard is attached with.
enum class ownership : unsigned char {
    nested,           // only the check of the order has to end
    attached_before,  // the guard did not attach
    borrowed,
    cached,
    transient,
    parked,  // cached, and taken out of the thread's PyGILState slot when the attach ends
};

void drop_async_exception(interpreter_record &record, PyThreadState *state) noexcept;

/// Reports the exception that is set. The report runs Python code, which writes and may wait for the
/// GIL, and a thread that is cancelled there cannot unwind out of a destructor.
HOLDFAST_REQUIRES_ATTACHED void report_leftover() noexcept;

/// Keeps this attach from affecting the next one: if an exception is still set, reports it as
/// unraisable.
inline void leave_clean(interpreter_record &record, PyThreadState *state) noexcept {
    if (has_error(state))
        report_leftover();  // holdfast: ignore[HF601, HF617] the caller's guard attaches
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

/// Whether a thread that is in no guard was last in the main interpreter, if the state cached there
/// was its last one.
inline bool cached_state_is_last(const thread_record &self) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)self;
    return true;  // may_attach_with() checks the slot
#else
    // is_main_alone() with one call less. If it is out of date, the gate refuses.
    return PyInterpreterState_Head() ==
           self.process->main.interpreter.load(std::memory_order_relaxed);
#endif
}

/// Whether the calling thread is detached, and its slot holds no state except the one it caches in
/// the main interpreter. Any other may be a library's state in the interpreter of `cached`, which
/// must be borrowed.
inline bool may_attach_elsewhere(const thread_record &self, const PyThreadState *cached) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)cached;
    const PyThreadState *const last = state_in_slot();
    return unchecked_state() == nullptr && (last == nullptr || last == self.main_slot.cached);
#else
    (void)self;
    return may_attach_with(cached);
#endif
}

/// Ends one attach of the thread. After the last one to this interpreter, the thread leaves the gate.
inline void leave(thread_slot &slot) noexcept {
    if (--slot.depth == slot.outlived)
        slot.record->door.leave(slot.entry);
    else if (slot.depth < slot.outlived)
        slot.outlived = slot.depth;
}

struct chosen_state {
    PyThreadState *state;
    ownership owner;
    bool is_new = false;
};

/// The state to attach with, created if necessary; a null state: no memory. Inside the gate,
/// detached.
chosen_state choose_state(thread_record &self, thread_slot &slot, interpreter_ref ref) noexcept;

/// Caches the state that the thread has just attached with, inside the gate. False: the state is
/// deleted when the attach ends.
bool keep_elsewhere(const thread_record &self, thread_slot &slot, interpreter_ref ref,
                    PyThreadState *state) noexcept;

/// Detached: takes a sub-interpreter's state out of the thread's slot.
void park(const thread_record &self, PyThreadState *state) noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/cached_state.ipp>
#endif
