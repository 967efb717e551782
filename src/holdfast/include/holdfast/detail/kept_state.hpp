// holdfast/detail/kept_state.hpp: which thread state a thread attaches with, and who deletes it.
//
// Layer 23. Rules (CPython's reasons are in docs/explanation/thread-states.md):
//  - Only its own thread creates, attaches and deletes a state that we made.
//  - If the thread has a state of this interpreter that is not ours (a Python thread, or a library in
//    the middle of its own PyGILState_Ensure), we borrow it; it is never kept and never deleted.
//  - Else we make one and keep it for the next attach: main interpreter only. A sub-interpreter's
//    state passes with the attach, because no thread may have one when the interpreter ends.
//  - A kept state is deleted by its thread's exit hook, inside the gate. If the gate is closed the
//    hook leaves it alone: finalization frees it, and the generation says so to everybody.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "../view.hpp"
#include "adopt.hpp"
#include "deferred.hpp"
#include "observed.hpp"

namespace holdfast::detail {

/// Attaches with a state of this thread. If Python has been finalized meanwhile by somebody who did
/// not wait for this thread, older versions unwind it by force, which would end the process in a
/// destructor; it hangs instead, as CPython itself does from 3.14 on.
inline void restore_or_hang(PyThreadState *state) noexcept {
    try {
        PyEval_RestoreThread(state);
    } catch (...) {
        for (;;)
            pause();
    }
}

/// Detaches, for a stretch in the middle of what the thread is attached for.
inline PyThreadState *save_for_a_while(lane::purpose &earlier) noexcept {
    lane *const seen = lane_of_this_thread();
    if (seen == nullptr)
        return PyEval_SaveThread();
    earlier = seen->what_for();
    const std::uint64_t left = seen->end_hold();
    PyThreadState *const state = PyEval_SaveThread();
    seen->record_hold(left, 1);
    return state;
}

/// Attaches again after save_for_a_while().
inline void restore_after_a_while(PyThreadState *state, lane::purpose earlier) noexcept {
    lane *const seen = earlier.known ? lane_of_this_thread() : nullptr;
    if (seen != nullptr)
        seen->begin_wait_again(earlier);
    restore_or_hang(state);
    if (seen != nullptr)
        seen->begin_hold(state);
}

[[noreturn]] inline void guards_out_of_order() noexcept {
    std::fputs("HF213 attach guards of one thread ended out of order, or on another thread\n"
               "  do: let guards be local variables, which end in reverse order\n",
               stderr);
    std::abort();
}

/// The main interpreter as this thread last attached to it. May be stale, which the gate will say.
inline interpreter_ref kept_ref(const thread_record &self) noexcept {
    return {self.main_slot.record, self.main_slot.kept_generation};
}

/// What a library, or Python itself, made for this thread and interpreter; null if nothing.
HOLDFAST_DETAIL_COLD inline PyThreadState *find_foreign_state(const thread_slot &slot, PyInterpreterState *wanted) noexcept {
    PyThreadState *const state = PyGILState_GetThisThreadState();
    // A state we kept in an earlier generation may still lie in the slot: freed, or about to be.
    if (state == nullptr || state == slot.kept || is_leftover(state))
        return nullptr;
    return PyThreadState_GetInterpreter(state) == wanted ? state : nullptr;
}

enum class ownership : unsigned char { kept, borrowed, passing };

struct chosen_state {
    PyThreadState *state;
    ownership owner;
};

/// The state to attach with, made if need be; a null state: no memory. Inside the gate, detached.
HOLDFAST_DETAIL_COLD inline chosen_state choose_state(const thread_record &self, thread_slot &slot, interpreter_ref ref) noexcept {
    auto *const interpreter =
        static_cast<PyInterpreterState *>(ref.record->interpreter.load(std::memory_order_relaxed));
    // Within one of our own guards, detached: come back with the guard's state, whoever's it is.
    if (self.attached != nullptr && self.attached_to == ref)
        return {static_cast<PyThreadState *>(self.attached), ownership::borrowed};

    auto *const kept = slot.kept_generation == ref.generation
                           ? static_cast<PyThreadState *>(slot.kept)
                           : nullptr;
    if (kept != nullptr && fills_gilstate_slot(kept))
        return {kept, ownership::kept};
    if (PyThreadState *const foreign = find_foreign_state(slot, interpreter))
        return {foreign, ownership::borrowed};
    if (kept != nullptr)
        return {kept, ownership::kept};

    PyThreadState *const fresh = new_state(interpreter);
    if (fresh == nullptr || !ref.record->main.load(std::memory_order_relaxed))
        return {fresh, ownership::passing};
    slot.kept = fresh;
    slot.kept_generation = ref.generation;
    slot.kept_is_ours = true;
    return {fresh, ownership::kept};
}

HOLDFAST_DETAIL_COLD inline void drop_async_exception(interpreter_record &record, PyThreadState *state) noexcept {
    PyThreadState_SetAsyncExc(state->thread_id, nullptr);
    record.async_exceptions_dropped.fetch_add(1, std::memory_order_relaxed);
}

/// Leaves nothing of this attach to the next: an exception nobody took is reported as unraisable.
inline void leave_clean(interpreter_record &record, PyThreadState *state) noexcept {
    if (has_error(state))
        PyErr_WriteUnraisable(nullptr);
    if (has_async_exception(state))
        drop_async_exception(record, state);
}

#if HOLDFAST_HAS_STALE_DUMMY_THREADS
/// `threading` lists a thread it did not start for ever, once that thread asked who it is.
HOLDFAST_DETAIL_COLD inline void forget_dummy_thread() noexcept {
    PyObject *const name = PyUnicode_FromString("threading");
    PyObject *const module = name != nullptr ? PyImport_GetModule(name) : nullptr;
    PyObject *const active = module != nullptr ? PyObject_GetAttrString(module, "_active") : nullptr;
    PyObject *const ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
    if (active != nullptr && ident != nullptr && PyDict_Check(active)) {
        PyObject *const thread = PyDict_GetItemWithError(active, ident);  // borrowed
        if (thread != nullptr &&
            std::strstr(Py_TYPE(thread)->tp_name, "_DummyThread") != nullptr)
            PyDict_DelItem(active, ident);
    }
    PyErr_Clear();
    Py_XDECREF(ident);
    Py_XDECREF(active);
    Py_XDECREF(module);
    Py_XDECREF(name);
}
#endif

HOLDFAST_DETAIL_COLD inline void delete_attached_state(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_STALE_DUMMY_THREADS
    forget_dummy_thread();
#endif
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();  // detaches
}

/// Deletes what the thread kept, unless the interpreter is closing: then finalization does.
/// Waits for its turn to attach, so an attached thread must not join this one (holdfast::join()).
HOLDFAST_DETAIL_COLD inline void end_kept_state(thread_record &self, thread_slot &slot) noexcept {
    if (slot.kept == nullptr || !slot.kept_is_ours || slot.record == nullptr)
        return;
    auto *const state = static_cast<PyThreadState *>(slot.kept);
    interpreter_record &record = *slot.record;
    if (slot.depth != 0 || !record.door.enter(slot.entry, call_site::current()))
        return;
    PyThreadState *const now = current_state(&self);
    if (record.generation.load(std::memory_order_acquire) == slot.kept_generation &&
        (now == nullptr || now == state)) {
        if (now == nullptr)
            PyEval_RestoreThread(state);
        self.attached = state;  // destructors that attach are nested
        self.attached_to = {&record, slot.kept_generation};
        leave_clean(record, state);
        delete_attached_state(state);
        self.attached = nullptr;
    }
    slot.kept = nullptr;
    record.door.leave(slot.entry);
}

HOLDFAST_DETAIL_COLD inline void end_kept_states(thread_record &self) noexcept {
    end_kept_state(self, self.main_slot);
    for (thread_slot *slot = self.other_slots; slot != nullptr; slot = slot->next)
        end_kept_state(self, *slot);
}

/// Sees to it that kept states are deleted when their threads end, by this library or a sister of it.
inline void watch_thread_exit(process_record &shared) noexcept {
    if (shared.on_thread_exit.load(std::memory_order_relaxed) == nullptr) {
        stay_loaded(reinterpret_cast<const void *>(&end_kept_states));
        shared.on_thread_exit.store(&end_kept_states, std::memory_order_release);
    }
}

/// One outermost attach: what an attach_guard owns when it is not merely nested.
class attach_scope {
public:
    attach_scope() = default;
    attach_scope(const attach_scope &) = delete;
    attach_scope &operator=(const attach_scope &) = delete;

    [[nodiscard]] bool active() const noexcept { return self_ != nullptr; }
    [[nodiscard]] thread_record *thread() const noexcept {
        return self_ != nullptr ? self_ : cached_thread;
    }

    /// The common case of begin(): a thread in no guard of ours, detached, with a kept state that no
    /// library has pushed aside. False: nothing was done, begin() finds out what it is.
    [[nodiscard]] bool begin_fast(thread_record *self, interpreter_ref ref, call_site site) noexcept {
        if (self == nullptr || self->attached != nullptr)
            return false;
        thread_slot &slot = self->main_slot;
        auto *const kept = static_cast<PyThreadState *>(slot.kept);
        if (kept == nullptr || slot.kept_generation != ref.generation ||
            slot.record != ref.record || slot.depth != 0 ||
            !ref.record->door.enter(slot.entry, site))
            return false;
        // Only now, with finalization held back, may `kept` be looked at.
        if (ref.record->generation.load(std::memory_order_relaxed) != ref.generation ||
            !is_idle_in_slot(kept)) {
            ref.record->door.leave(slot.entry);
            return false;
        }
        slot.depth = 1;
        lane *const seen = lane_of(*self);
        if (seen != nullptr)
            seen->begin_wait(seen->site_number(site), ref.generation);
        PyEval_RestoreThread(kept);
        if (seen != nullptr)
            seen->begin_hold(kept);
        self_ = self;
        slot_ = &slot;
        state_ = kept;
        attached_ = true;
        owner_ = ownership::kept;
        self->attached = kept;
        self->attached_to = ref;
        if (has_async_exception(kept) && turned_away())
            return false;
        if (has_drops(*ref.record))
            drop_now(*ref.record);
        return true;
    }

    /// To the interpreter this thread is in, else the main one.
    [[nodiscard]] HOLDFAST_DETAIL_COLD closed_reason begin_here(call_site site) noexcept {
        thread_record *const self = this_thread();
        if (self == nullptr)
            return closed_reason::no_memory;
        if (self->attached != nullptr && current_state(self) == nullptr)
            return begin(self->attached_to, false, site);  // inside, and detached
        if (current_state(self) != nullptr) {
            const interpreter_ref here = adopt_current();
            // An interpreter that is being finalized and was never known: attached is attached.
            return here.record == nullptr ? closed_reason::none : begin(here, false, site);
        }
        const interpreter_view main = main_view();
        return begin(main.ref(), false, site);
    }

    /// \param even_if_closed  the caller vouches that finalization is being held back.
    [[nodiscard]] HOLDFAST_DETAIL_COLD closed_reason begin(interpreter_ref ref, bool even_if_closed, call_site site) noexcept {
        if (ref.record == nullptr)
            return closed_reason::not_started;
        thread_record *const self = this_thread();
        thread_slot *const slot = self != nullptr ? slot_for(*self, *ref.record) : nullptr;
        if (slot == nullptr)
            return closed_reason::no_memory;
        PyThreadState *const now = current_state(self);
        const bool here = now != nullptr && PyThreadState_GetInterpreter(now) ==
                                                ref.record->interpreter.load(std::memory_order_relaxed);
        while (!enter(*slot, ref, here || even_if_closed, site)) {
            const closed_reason reason = refusal(ref);
            if (reason != closed_reason::none)
                return reason;  // else it was opened since the refusal: ask again
        }
        slot_ = slot;
        if (here) {
            state_ = now;
        } else if (!attach(*self, ref, now, site)) {
            leave();
            return closed_reason::no_memory;
        }
        self_ = self;
        previous_ = self->attached;
        previous_to_ = self->attached_to;
        self->attached = state_;
        self->attached_to = ref;
        // Or told to leave before it had a state for an exception to be raised in.
        if (attached_ && owner_ != ownership::borrowed &&
            (has_async_exception(state_) || slot->entry.interrupted_.load(std::memory_order_relaxed)) &&
            turned_away(even_if_closed))
            return closed_reason::finalizing;
        if (has_drops(*ref.record))
            drop_now(*ref.record);
        return closed_reason::none;
    }

    void end() noexcept {
        interpreter_record &record = *slot_->record;
        // Not attached here: Python's exit did not wait for this thread and unwinds it from within a
        // detached stretch; then there is nothing left to detach.
        if (attached_ && is_attached_with(state_)) {
            lane *const seen = lane_of(*self_);
            if (owner_ != ownership::borrowed)
                leave_clean(record, state_);
            const std::uint64_t left = seen != nullptr ? seen->end_hold() : 0;
            if (owner_ == ownership::passing)
                delete_attached_state(state_);
            else
                PyEval_SaveThread();
            if (seen != nullptr)
                seen->record_hold(left, 0);
        }
        self_->attached = previous_;
        self_->attached_to = previous_to_;
        leave();
        if (suspended_ != nullptr)
            restore_after_a_while(suspended_, suspended_for_);
    }

private:
    /// Through the gate, unless the thread is inside already. After it the generation cannot change.
    bool enter(thread_slot &slot, interpreter_ref ref, bool pass, call_site site) noexcept {
        gate &door = ref.record->door;
        if (slot.depth == 0) {
            if (!door.enter(slot.entry, site)) {
                if (!pass && !door.has_guard_of(slot.entry.thread_id))
                    return false;
                // Attached already, or holding finalization back: present, though not admitted.
                door.enter_always(slot.entry, site);
            }
            if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {
                door.leave(slot.entry);
                return false;
            }
        } else if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {
            return false;
        }
        ++slot.depth;
        return true;
    }

    bool attach(thread_record &self, interpreter_ref ref, PyThreadState *now, call_site site) noexcept {
        if (now != nullptr)
            suspended_ = save_for_a_while(suspended_for_);
        const chosen_state chosen = choose_state(self, *slot_, ref);
        if (chosen.state == nullptr) {
            if (suspended_ != nullptr)
                restore_after_a_while(suspended_, suspended_for_);
            return false;
        }
        if (chosen.owner == ownership::kept)
            watch_thread_exit(*self.process);
        lane *const seen = lane_of(self);
        if (seen != nullptr)
            seen->begin_wait(seen->site_number(site), ref.generation);
        PyEval_RestoreThread(chosen.state);
        if (seen != nullptr)
            seen->begin_hold(chosen.state);
        state_ = chosen.state;
        owner_ = chosen.owner;
        attached_ = true;
        return true;
    }

    /// Just attached, with an asynchronous exception that waits: it is aimed at an earlier call of this
    /// thread, which has ended, and is dropped; or finalize() interrupts those inside, and this thread, which
    /// was queued, has begun nothing yet. Then the scope ends again, true: it is refused like a newcomer.
    HOLDFAST_DETAIL_COLD bool turned_away(bool even_if_closed = false) noexcept {
        if (has_async_exception(state_))
            drop_async_exception(*slot_->record, state_);
        if (even_if_closed || slot_->depth != 1 ||
            !slot_->entry.interrupted_.load(std::memory_order_relaxed))
            return false;
        end();
        self_ = nullptr;
        attached_ = false;
        suspended_ = nullptr;
        return true;
    }

    void leave() noexcept {
        if (--slot_->depth == 0)
            slot_->record->door.leave(slot_->entry);
    }

    thread_record *self_ = nullptr;      // null: nothing to end
    thread_slot *slot_ = nullptr;
    PyThreadState *state_ = nullptr;
    PyThreadState *suspended_ = nullptr; // what was attached before, to another interpreter
    lane::purpose suspended_for_{};
    void *previous_ = nullptr;           // the record's fields before this scope
    interpreter_ref previous_to_{};
    bool attached_ = false;              // we attached: false where the thread already was
    ownership owner_ = ownership::borrowed;
};

}  // namespace holdfast::detail
