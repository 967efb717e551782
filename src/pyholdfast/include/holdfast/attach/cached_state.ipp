// holdfast/attach/cached_state.ipp: the bodies of cached_state.hpp.
#pragma once

#include <holdfast/attach/cached_state.hpp>

#include <cstdlib>

#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_BODY PyThreadState *save_recorded(thread_track &seen,
                                                  hold_purpose &earlier) noexcept {
    earlier = what_for(seen);
    const std::uint64_t left = end_hold(seen);
    PyThreadState *const state = save_uncancelled();
    record_hold(seen, left, 1);
    return state;
}

HOLDFAST_DETAIL_BODY void restore_recorded(thread_track &seen, PyThreadState *state,
                                           hold_purpose earlier) noexcept {
    begin_wait_again(seen, earlier);
    restore_or_hang(state);
    begin_hold(seen, state);
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void guards_out_of_order() noexcept {
    say("HF213 attach guards of one thread ended out of order, or on another thread\n"
        "  do: let guards be local variables, which end in reverse order\n");
    std::abort();
}

/// A state that a library or Python itself made for this thread and interpreter; null if there is
/// none.
/// \param cached  the state that the thread caches there now.
HOLDFAST_DETAIL_COLD inline PyThreadState *find_foreign_state(const thread_record &self,
                                                              const PyThreadState *cached,
                                                              PyInterpreterState *wanted) noexcept {
    PyThreadState *const state = PyGILState_GetThisThreadState();
    // The slot may still hold a state that we cached in an earlier main interpreter: freed, or
    // about to be. It never holds a sub-interpreter's, but a new state may have that one's address.
    if (state == nullptr || state == cached || state == self.main_slot.cached || is_leftover(state))
        return nullptr;
    return PyThreadState_GetInterpreter(state) == wanted ? state : nullptr;
}

/// Makes sure that cached states are deleted when their threads end, by this library or another
/// one.
inline void watch_thread_exit(process_record &shared) noexcept {
    if (shared.on_thread_exit.load(std::memory_order_relaxed) == nullptr) {
        stay_loaded(reinterpret_cast<const void *>(&end_cached_states));
        shared.on_thread_exit.store(&end_cached_states, std::memory_order_release);
    }
}

/// Up to 3.11 a thread's first state keeps its slot for good, so it must not be a
/// sub-interpreter's. Inside a sub-interpreter's gate, so that the main interpreter exists.
HOLDFAST_DETAIL_COLD inline void fill_slot_first(thread_record &self) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)self;
#else
    interpreter_record &main = self.process->main;
    if (PyGILState_GetThisThreadState() != nullptr || !main.door.is_open())
        return;
    thread_slot *const slot = slot_for(self, main);
    PyThreadState *const fresh =
        slot != nullptr ? new_state(static_cast<PyInterpreterState *>(main.interpreter.load()))
                        : nullptr;
    if (fresh == nullptr)
        return;
    watch_thread_exit(*self.process);
    slot->keep(fresh, main.generation.load(std::memory_order_acquire), true);
#endif
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY bool can_be_parked(const PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)state;
    return find_gilstate_slot();
#else
    return PyGILState_GetThisThreadState() != state;
#endif
}

/// Detached: takes a sub-interpreter's state out of the thread's slot.
inline void park(const thread_record &self, PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    const thread_slot &main = self.main_slot;
    const bool has_one =
        main.cached != nullptr && main.record != nullptr &&
        main.record->generation.load(std::memory_order_relaxed) == main.cached_generation;
    replace_in_slot(state, has_one ? static_cast<PyThreadState *>(main.cached) : nullptr);
#else
    (void)self, (void)state;  // it never was in the slot
#endif
}

/// Caches the state that the thread has just attached with, inside the gate. False: the state is
/// deleted when the attach ends.
HOLDFAST_DETAIL_COLD inline bool keep_elsewhere(const thread_record &self, thread_slot &slot,
                                                interpreter_ref ref,
                                                PyThreadState *state) noexcept {
#if HOLDFAST_HAS_STRANGE_USERS_OF_STATES
    if (!ref.record->owned.load(std::memory_order_relaxed))
        return false;
#endif
    auto *const note = can_be_parked(state) ? new (std::nothrow) cached_note : nullptr;
    if (note == nullptr)
        return false;
    watch_thread_exit(*self.process);
    note->state = state;
    note->thread = slot.entry.thread_id;
    ref.record->add_cached(*note);
    slot.keep(state, ref.generation, true);
    return true;
}

struct chosen_state {
    PyThreadState *state;
    ownership owner;
};

/// The state to attach with, created if necessary; a null state: no memory. Inside the gate,
/// detached.
HOLDFAST_DETAIL_COLD inline chosen_state choose_state(thread_record &self, thread_slot &slot,
                                                      interpreter_ref ref) noexcept {
    auto *const interpreter =
        static_cast<PyInterpreterState *>(ref.record->interpreter.load(std::memory_order_relaxed));
    // Detached inside one of our own guards: attach again with the guard's state, whoever owns it.
    if (self.attached != nullptr && self.attached_to == ref)
        return {static_cast<PyThreadState *>(self.attached), ownership::borrowed};

    if (self.called_in != nullptr &&
        PyThreadState_GetInterpreter(static_cast<PyThreadState *>(self.called_in)) == interpreter)
        return {static_cast<PyThreadState *>(self.called_in), ownership::borrowed};

    auto *const cached = slot.cached_generation == ref.generation
                             ? static_cast<PyThreadState *>(slot.cached)
                             : nullptr;
    const bool elsewhere = !ref.record->main.load(std::memory_order_relaxed);
    const ownership ours = elsewhere ? ownership::parked : ownership::cached;
    if (cached != nullptr && fills_gilstate_slot(cached) && !elsewhere)
        return {cached, ours};
    if (PyThreadState *const foreign = find_foreign_state(self, cached, interpreter))
        return {foreign, ownership::borrowed};
    if (cached != nullptr)
        return {cached, ours};

    if (elsewhere)
        fill_slot_first(self);
    PyThreadState *const fresh = new_state(interpreter);
    if (fresh == nullptr || elsewhere)
        return {fresh, ownership::transient};  // attach() caches it if it can be parked
    slot.keep(fresh, ref.generation, true);    // A3
    return {fresh, ownership::cached};
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void drop_async_exception(interpreter_record &record,
                                                                    PyThreadState *state) noexcept {
    discard_async_exception(state);
    record.async_exceptions_dropped.fetch_add(1, std::memory_order_relaxed);
}

/// The thread ends while a guard of its own is alive, and nothing can end that guard any more. If
/// the thread is attached by that guard, outside Python, it detaches, because otherwise no other
/// thread could ever attach. The gate keeps a note of the guard.
HOLDFAST_DETAIL_COLD inline void let_go_for_good(thread_record &self, thread_slot &slot) noexcept {
    auto *const state = static_cast<PyThreadState *>(slot.cached);
    if (slot.record->generation.load(std::memory_order_acquire) != slot.cached_generation ||
        self.attached != state || current_state(&self) != state || PyEval_GetFrame() != nullptr)
        return;
    leave_clean(*slot.record, state);
    delete slot.record->take_cached(state);
    slot.record->door.forget_state(slot.entry);
    delete_attached_state(state);
    self.attached = nullptr;
    slot.forget();
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void end_cached_state(thread_record &self,
                                                                thread_slot &slot) noexcept {
    if (slot.cached == nullptr || !slot.cached_is_ours || slot.record == nullptr)
        return;
    auto *const state = static_cast<PyThreadState *>(slot.cached);
    interpreter_record &record = *slot.record;
    if (slot.depth != 0)
        // holdfast: ignore[HF601] asks current_state() before all else
        let_go_for_good(self, slot);
    if (slot.depth != 0 || !record.door.enter(slot.entry, call_site::current()))  // T1
        return;
    PyThreadState *const now = current_state(&self);
    if (record.generation.load(std::memory_order_acquire) == slot.cached_generation &&  // T2
        (now == nullptr || now == state)) {
        if (now == nullptr)
            restore_or_hang(state);
        self.attached = state;  // destructors that attach are nested
        self.attached_to = {&record, slot.cached_generation};
        leave_clean(record, state);
        delete record.take_cached(state);
        record.door.forget_state(slot.entry);  // T3
        delete_attached_state(state);          // T4
        self.attached = nullptr;
    }
    slot.forget();
    record.door.leave(slot.entry);  // T5
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void end_cached_states(thread_record &self) noexcept {
    end_cached_state(self, self.main_slot);
    for (thread_slot *slot = self.other_slots; slot != nullptr; slot = slot->next)
        end_cached_state(self, *slot);
}

/// Whether the calling thread is detached, and its slot holds no state except the one it caches in
/// the main interpreter. Another one may be a library's in the interpreter of `cached`, and is then
/// borrowed.
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

// --- where a detached thread was last ------------------------------------------------------------

/// A registered interpreter's reference. The interpreter is alive, and the calling thread has a
/// state of it.
HOLDFAST_DETAIL_COLD inline interpreter_ref known_ref(PyInterpreterState *interpreter) noexcept {
    interpreter_record *const record = process().find_record(interpreter);
    if (record == nullptr ||
        record->id.load(std::memory_order_relaxed) != PyInterpreterState_GetID(interpreter))
        return {};
    return {record, record->generation.load(std::memory_order_acquire)};
}

#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT

/// Registers an interpreter that other code made, for a thread that was in it and is detached. The
/// main interpreter's gate is held meanwhile. Nothing can prevent the other interpreter's owner
/// from ending it at this very moment; afterwards its own gate can.
HOLDFAST_DETAIL_COLD inline interpreter_ref register_where(PyThreadState *last,
                                                           call_site site) noexcept {
    const gate_pass held_back(main_view().ref().record->door, false, 0, site);
    if (!held_back)
        return {};
    restore_or_hang(last);
    const interpreter_ref here = register_current();
    save_uncancelled();
    return here;
}

/// Whether the thread caches `state` in a living interpreter. A state that it cached in another one
/// is gone, and a new state may have its address.
HOLDFAST_DETAIL_COLD inline bool is_cached(const thread_record &self,
                                           const PyThreadState *state) noexcept {
    const auto holds = [state](const thread_slot &slot) {
        return slot.cached == state &&
               slot.record->interpreter.load(std::memory_order_relaxed) != nullptr &&
               slot.record->generation.load(std::memory_order_relaxed) == slot.cached_generation;
    };
    if (self.main_slot.record != nullptr && holds(self.main_slot))
        return true;
    for (const thread_slot *slot = self.other_slots; slot != nullptr; slot = slot->next)
        if (holds(*slot))
            return true;
    return false;
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY interpreter_ref
attach_scope::find_last(thread_record &self, call_site site) noexcept {
    PyThreadState *const last = PyGILState_GetThisThreadState();
    const interpreter_ref guarded = self.attached != nullptr ? self.attached_to : interpreter_ref{};
    if (last == nullptr || last == self.attached || is_cached(self, last) || is_leftover(last))
        return guarded;
    const interpreter_ref found = known_ref(PyThreadState_GetInterpreter(last));
    return found.record != nullptr ? found : register_where(last, site);
}

#else

/// Whether an interpreter still has this state. Attached to the main one, so that no state is
/// deleted meanwhile.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool is_listed(
    const PyThreadState *wanted) noexcept {
    for (PyInterpreterState *its = PyInterpreterState_Head(); its != nullptr;
         its = PyInterpreterState_Next(its))
        for (PyThreadState *state = PyInterpreterState_ThreadHead(its); state != nullptr;
             state = PyThreadState_Next(state))
            if (state == wanted)
                return true;
    return false;
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY interpreter_ref
attach_scope::find_last(thread_record &self, call_site site) noexcept {
    const interpreter_ref guarded = self.attached != nullptr ? self.attached_to : interpreter_ref{};
    if (is_main_alone())
        return guarded;
    const void *const below = self.attached != nullptr ? self.attached_at : nullptr;
    attach_scope look;  // with the single GIL held, all states can be read
    if (look.begin(main_view().ref(), false, site) != closed_reason::none)
        return guarded;
    interpreter_ref found = guarded;
    PyThreadState *last = innermost_caller(below);
    if (last == nullptr && guarded.record == nullptr) {
        last = PyGILState_GetThisThreadState();
        if (last != nullptr && !is_listed(last))
            last = nullptr;
    }
    if (last != nullptr) {
        found = known_ref(PyThreadState_GetInterpreter(last));
        if (found.record == nullptr) {
            PyThreadState *const before = PyThreadState_Swap(last);
            found = register_current();
            PyThreadState_Swap(before);
        }
        self.called_in = last;
    }
    look.end();
    return found;
}

#endif

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY closed_reason
attach_scope::begin_here(call_site site) noexcept {
    thread_record *const self = this_thread();
    if (self == nullptr)
        return closed_reason::no_memory;
    if (self->traversing)
        return closed_reason::traversing;
    if (current_state(self) != nullptr) {
        const interpreter_ref here = register_current();
        // An interpreter that is being finalized and was never registered: the thread stays
        // attached as it is.
        return here.record == nullptr ? closed_reason::none : begin(here, false, site);
    }
    const interpreter_ref last = find_last(*self, site);
    closed_reason reason = closed_reason::finalized;
    if (last.record != nullptr)
        reason = begin(last, false, site);
    self->called_in = nullptr;
    // If that interpreter is gone, or there is none, attach to the main one. A closing interpreter
    // is not gone: the thread is refused, and does not end up elsewhere.
    if (reason == closed_reason::finalized || reason == closed_reason::stale)
        reason = begin(main_view().ref(), false, site);
    return reason;
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY closed_reason
attach_scope::begin(interpreter_ref ref, bool even_if_closed, call_site site) noexcept {
    if (ref.record == nullptr)
        return closed_reason::not_started;
    if (ref.generation == 0)
        ref = first_run();
    thread_record *const self = this_thread();
    thread_slot *const slot = self != nullptr ? slot_for(*self, *ref.record) : nullptr;
    if (slot == nullptr)
        return closed_reason::no_memory;
    if (self->traversing)
        return closed_reason::traversing;
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
    previous_at_ = self->attached_at;
    note_where(*self);
    self->attached = state_;
    self->attached_to = ref;
    // The second case: it was told to leave before it had a state in which an exception could be
    // raised.
    if (attached_ && owner_ != ownership::borrowed &&
        (has_async_exception(state_) || slot->entry.interrupted_.load(std::memory_order_relaxed)) &&
        turned_away(even_if_closed))
        return closed_reason::finalizing;
    if (has_drops(*ref.record))
        drop_now(*ref.record);
    return closed_reason::none;
}

HOLDFAST_DETAIL_BODY bool attach_scope::enter(thread_slot &slot, interpreter_ref ref, bool pass,
                                              call_site site) noexcept {
    gate &door = ref.record->door;
    if (slot.depth == 0) {
        if (!door.enter(slot.entry, site)) {  // A1
            if (!pass && !door.has_guard_of(slot.entry.thread_id))
                return false;
            // Already attached, or holding finalization back: it counts as inside although it was
            // not admitted.
            door.enter_always(slot.entry, site);
        }
        if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {  // A2
            door.leave(slot.entry);
            return false;
        }
    } else if (ref.record->generation.load(std::memory_order_acquire) != ref.generation ||
               (!pass && door.reason() == closed_reason::forked_child)) {
        // Inside, but detached when the process was forked: the thread that was attached then does
        // not exist in the child, and will never release the GIL.
        return false;
    }
    ++slot.depth;
    return true;
}

HOLDFAST_DETAIL_BODY bool attach_scope::attach(thread_record &self, interpreter_ref ref,
                                               PyThreadState *now, call_site site) noexcept {
    if (now != nullptr)
        suspended_ = save_for_a_while(suspended_for_);
    const chosen_state chosen = choose_state(self, *slot_, ref);
    if (chosen.state == nullptr) {
        if (suspended_ != nullptr)
            restore_after_a_while(suspended_, suspended_for_);
        return false;
    }
    if (chosen.owner == ownership::cached)
        watch_thread_exit(*self.process);
    thread_track *const seen = track_of(self);
    if (seen != nullptr)
        begin_wait(*seen, site, ref.generation);
    restore_or_hang(chosen.state);
    if (seen != nullptr)
        begin_hold(*seen, chosen.state);
    state_ = chosen.state;
    owner_ = chosen.owner;
    attached_ = true;
    if (owner_ == ownership::transient && keep_elsewhere(self, *slot_, ref, state_))
        owner_ = ownership::parked;
    return true;
}

__attribute__((noinline)) HOLDFAST_DETAIL_BODY bool attach_scope::begin_fast_elsewhere(
    thread_record &self, interpreter_ref ref, call_site site) noexcept {
    thread_slot *slot = self.other_slots;
    while (slot != nullptr && slot->record != ref.record)
        slot = slot->next;
    if (slot == nullptr || slot->cached == nullptr || slot->cached_generation != ref.generation ||
        slot->depth != 0 || !ref.record->door.enter(slot->entry, site))
        return false;
    auto *const cached = static_cast<PyThreadState *>(slot->cached);
    if (ref.record->generation.load(std::memory_order_relaxed) != ref.generation ||
        !may_attach_elsewhere(self, cached)) {
        ref.record->door.leave(slot->entry);
        return false;
    }
    return attach_with_cached(self, *slot, ref, cached, ownership::parked, site);
}

__attribute__((noinline)) HOLDFAST_DETAIL_BODY void attach_scope::detach_elsewhere() noexcept {
    if (owner_ == ownership::transient) {
        delete_attached_state(state_);
        return;
    }
    PyEval_SaveThread();
    park(*self_, state_);
}

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY bool attach_scope::turned_away(
    bool even_if_closed) noexcept {
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

}  // namespace holdfast::detail
