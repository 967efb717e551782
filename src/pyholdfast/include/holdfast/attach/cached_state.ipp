// holdfast/attach/cached_state.ipp: the bodies of cached_state.hpp.
#pragma once

#include <holdfast/attach/cached_state.hpp>

#include <holdfast/attach/thread_tools.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/trace/thread_track.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_OUTLINED_BODY void attach_recorded(thread_track &seen, PyThreadState *state,
                                                   call_site site,
                                                   std::uint64_t generation) noexcept {
    seen.begin_wait(seen.site_number(site), generation);
    restore_or_hang(state);
    seen.begin_hold(state);
}

HOLDFAST_DETAIL_OUTLINED_BODY PyThreadState *save_recorded(thread_track &seen,
                                                           hold_purpose &earlier) noexcept {
    earlier = seen.what_for();
    const std::uint64_t left = seen.end_hold();
    PyThreadState *const state = save_uncancelled();
    seen.record_hold(left, 1);
    return state;
}

HOLDFAST_DETAIL_OUTLINED_BODY void restore_recorded(thread_track &seen, PyThreadState *state,
                                                    hold_purpose earlier) noexcept {
    seen.begin_wait_again(earlier);
    restore_or_hang(state);
    seen.begin_hold(state);
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
        pin_library(reinterpret_cast<const void *>(&end_cached_states));
        shared.on_thread_exit.store(&end_cached_states, std::memory_order_release);
    }
}

/// Up to 3.11 a thread's first state keeps its slot for good, so it must not be a
/// sub-interpreter's. Inside a sub-interpreter's gate, so that the main interpreter exists.
HOLDFAST_DETAIL_RARE inline void fill_slot_first(thread_record &self) noexcept {
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

HOLDFAST_DETAIL_COLD_BODY bool can_be_parked(const PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    (void)state;
    return find_gilstate_slot();
#else
    return PyGILState_GetThisThreadState() != state;
#endif
}

HOLDFAST_DETAIL_BODY void park(const thread_record &self, PyThreadState *state) noexcept {
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

HOLDFAST_DETAIL_COLD_BODY bool keep_elsewhere(const thread_record &self, thread_slot &slot,
                                              interpreter_ref ref, PyThreadState *state) noexcept {
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

HOLDFAST_DETAIL_COLD_BODY chosen_state choose_state(thread_record &self, thread_slot &slot,
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
        return {fresh, ownership::transient, true};  // attach_with() caches it if it can be parked
    watch_thread_exit(*self.process);
    slot.keep(fresh, ref.generation, true);  // A3
    return {fresh, ownership::cached, true};
}

HOLDFAST_DETAIL_COLD_BODY void report_leftover() noexcept {
    const cancellation_held_off until_reported;
    PyErr_WriteUnraisable(nullptr);
}

HOLDFAST_DETAIL_COLD_BODY void drop_async_exception(interpreter_record &record,
                                                    PyThreadState *state) noexcept {
    discard_async_exception(state);
    record.async_exceptions_dropped.fetch_add(1, std::memory_order_relaxed);
}

#if HOLDFAST_DETAIL_ENDS_UNDER_LOADER_LOCK
/// Leaves an idle state to the next thread that attaches, or to finalization: waiting for Python under
/// the loader's lock could last for ever.
HOLDFAST_DETAIL_RARE inline void leave_idle_state(thread_slot &slot,
                                                  PyThreadState *state) noexcept {
    interpreter_record &record = *slot.record;
    leave_gilstate_slot(state);
    cached_note *const note = record.take_cached(state);
    record.door.forget_state(slot.entry);
    if (delete_state_later({&record, slot.cached_generation}, state, slot.entry.thread_id))
        delete note;
    else if (note != nullptr)  // no memory: the end of a sub-interpreter deletes it
        record.add_cached(*note);
}

/// The thread ends while a guard of its own is alive, and nothing can end that guard any more. If
/// the thread is attached by that guard, outside Python, it detaches, because otherwise no other
/// thread could ever attach. At most this waits until a thread that asked for the GIL has it, which
/// takes no lock of the loader's. The gate keeps a note of the guard.
HOLDFAST_DETAIL_RARE inline void let_go_for_good(thread_record &self, thread_slot &slot) noexcept {
    auto *const state = static_cast<PyThreadState *>(slot.cached);
    if (slot.record->generation.load(std::memory_order_acquire) != slot.cached_generation ||
        self.attached != state || current_state(&self) != state || PyEval_GetFrame() != nullptr)
        return;
    PyEval_SaveThread();
    self.attached = nullptr;
    leave_idle_state(slot, state);
    slot.forget();
}

HOLDFAST_DETAIL_COLD_BODY void end_cached_state(thread_record &self, thread_slot &slot) noexcept {
    if (slot.cached == nullptr || !slot.cached_is_ours || slot.record == nullptr)
        return;
    auto *const state = static_cast<PyThreadState *>(slot.cached);
    interpreter_record &record = *slot.record;
    if (slot.depth != 0)
        // holdfast: ignore[HF601] asks current_state() before all else
        let_go_for_good(self, slot);
    if (slot.depth != 0 || !record.door.enter(slot.entry, call_site::current()))
        return;
    if (record.generation.load(std::memory_order_acquire) == slot.cached_generation &&
        current_state(&self) == nullptr)
        leave_idle_state(slot, state);
    slot.forget();
    record.door.leave(slot.entry);
}
#else
/// The thread ends while a guard of its own is alive, and nothing can end that guard any more. If
/// the thread is attached by that guard, outside Python, it detaches, because otherwise no other
/// thread could ever attach. The gate keeps a note of the guard.
HOLDFAST_DETAIL_RARE inline void let_go_for_good(thread_record &self, thread_slot &slot) noexcept {
    auto *const state = static_cast<PyThreadState *>(slot.cached);
    if (slot.record->generation.load(std::memory_order_acquire) != slot.cached_generation ||
        self.attached != state || current_state(&self) != state || PyEval_GetFrame() != nullptr)
        return;
    stop_thread_tools(state);
    leave_clean(*slot.record, state);
    delete slot.record->take_cached(state);
    slot.record->door.forget_state(slot.entry);
    delete_attached_state(state);
    self.attached = nullptr;
    slot.forget();
}

HOLDFAST_DETAIL_COLD_BODY void end_cached_state(thread_record &self, thread_slot &slot) noexcept {
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
        stop_thread_tools(state);
        leave_clean(record, state);
        delete record.take_cached(state);
        record.door.forget_state(slot.entry);  // T3
        delete_attached_state(state);          // T4
        self.attached = nullptr;
    }
    slot.forget();
    record.door.leave(slot.entry);  // T5
}
#endif

HOLDFAST_DETAIL_COLD_BODY void end_cached_states(thread_record &self) noexcept {
    end_cached_state(self, self.main_slot);
    for (thread_slot *slot = self.other_slots; slot != nullptr; slot = slot->next)
        end_cached_state(self, *slot);
}

}  // namespace holdfast::detail
