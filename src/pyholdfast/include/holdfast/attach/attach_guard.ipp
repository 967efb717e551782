// holdfast/attach/attach_guard.ipp: the bodies of attach_guard.hpp: every attach that is not common.
#pragma once

#include <holdfast/attach/attach_guard.hpp>

#include <cstdlib>
#include <utility>

#include <holdfast/attach/attach_guard.common.ipp>
#include <holdfast/attach/thread_tools.hpp>
#include <holdfast/error.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/trace/thread_track.hpp>

namespace holdfast {

namespace detail {

HOLDFAST_DETAIL_COLD_BODY void drop_in_between(interpreter_record &record,
                                               PyThreadState *state) noexcept {
    if (!has_async_exception(state))
        drop_now(record);
}

HOLDFAST_DETAIL_COLD_BODY void guards_out_of_order() noexcept {
    say("HF213 attach guards of one thread ended out of order, or on another thread\n"
        "  do: let guards be local variables, which end in reverse order\n");
    std::abort();
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

/// Registers an interpreter that other code made, for a thread that was in it and is now detached.
/// The main interpreter's gate is held meanwhile. Nothing can keep the other interpreter's owner
/// from ending it at this very moment; once it is registered, its own gate does.
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

/// Detached: the interpreter that the thread was last in, with or without a guard. A null record:
/// unknown.
HOLDFAST_DETAIL_COLD inline interpreter_ref find_last(thread_record &self,
                                                      call_site site) noexcept {
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

/// Detached: the interpreter that the thread was last in, with or without a guard. A null record:
/// unknown.
HOLDFAST_DETAIL_COLD inline interpreter_ref find_last(thread_record &self,
                                                      call_site site) noexcept {
    const interpreter_ref guarded = self.attached != nullptr ? self.attached_to : interpreter_ref{};
    if (is_main_alone())
        return guarded;
    const void *const below = self.attached != nullptr ? self.attached_at : nullptr;
    // With the single GIL held, all states can be read.
    const attach_guard look(main_view(), std::nothrow, site);
    if (!look)
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
    return found;
}

#endif

/// register_current(), with a short cut for the main interpreter. Attached with `now`.
HOLDFAST_REQUIRES_ATTACHED inline interpreter_ref ref_of(const thread_record &self,
                                                         const PyThreadState *now) noexcept {
    interpreter_record &main = self.process->main;
    if (interpreter_of(now) != main.interpreter.load(std::memory_order_acquire))
        return register_current();
    return {&main, main.generation.load(std::memory_order_acquire)};
}

/// Goes through the gate, unless the thread is already inside. Afterwards the generation cannot
/// change.
/// \param here  already attached.  \param held_open  by a guard that the caller has.
inline bool enter(thread_slot &slot, interpreter_ref ref, bool here, bool held_open,
                  call_site site) noexcept {
    gate &door = ref.record->door;
    // No guard admits to a forked child: a thread that the child does not have may hold the GIL.
    if (!here && door.reason() == closed_reason::forked_child)
        return false;
    // Its guards may be of an earlier interpreter, which is gone: then it is not inside this one.
    if (slot.depth == 0 || !slot.is_inside()) {
        if (!door.enter(slot.entry, site)) {  // A1
            if (!here && !held_open && !door.has_guard_of(slot.entry.thread_id))
                return false;
            // Already attached, or holding finalization back: it counts as inside although it was
            // not admitted.
            door.enter_always(slot.entry, site);
        }
        if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {  // A2
            door.leave(slot.entry);
            return false;
        }
        slot.outlived = slot.depth;
    } else if (ref.record->generation.load(std::memory_order_acquire) != ref.generation) {
        return false;
    }
    ++slot.depth;
    return true;
}

}  // namespace detail

HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD_BODY interpreter_view current_view() {
    if (!attached())
        throw usage_error("HF216", "current_view() was called by a thread that is not attached",
                          "call it where Python called you, or use main_view()");
    const detail::interpreter_ref ref = detail::attached_ref();
    if (ref.record == nullptr)
        throw closed_error(closed_reason::finalizing);
    return interpreter_view(ref);
}

HOLDFAST_DETAIL_OUTLINED_BODY void attach_guard::begin_slowly(detail::interpreter_ref ref,
                                                              wanted how, call_site site,
                                                              detail::around_wait *around) {
    if (how != wanted::view_or_reason && detail::threads_may_be_cancelled())
        detail::cancellation_point();
    reason_ = how == wanted::where_it_is ? begin_here(site)
                                         : begin_in(ref, how == wanted::held_open, site, around);
    if (reason_ != closed_reason::none && how != wanted::view_or_reason)
        detail::refuse(reason_);
}

HOLDFAST_DETAIL_BODY closed_reason attach_guard::begin_here(call_site site) noexcept {
    detail::thread_record *const self = detail::this_thread();
    if (self == nullptr)
        return closed_reason::no_memory;
    if (self->traversing)
        return closed_reason::traversing;
    if (const PyThreadState *const now = detail::current_state(self)) {
        const detail::interpreter_ref here = detail::ref_of(*self, now);
        // An interpreter that is being finalized and was never registered: the thread stays
        // attached as it is.
        return here.record == nullptr ? closed_reason::none : begin_in(here, false, site);
    }
    const detail::interpreter_ref last = detail::find_last(*self, site);
    closed_reason reason = closed_reason::finalized;
    if (last.record != nullptr)
        reason = begin_in(last, false, site);
    self->called_in = nullptr;
    // If that interpreter is gone, or there is none, attach to the main one. A closing interpreter
    // is not gone: the thread is refused, and does not end up elsewhere.
    if (reason == closed_reason::finalized || reason == closed_reason::stale)
        reason = begin_in(main_view().ref(), false, site);
    return reason;
}

HOLDFAST_DETAIL_COLD_BODY closed_reason
attach_guard::begin_in(detail::interpreter_ref ref, bool even_if_closed, call_site site,
                       detail::around_wait *around) noexcept {
    if (ref.record == nullptr)
        return closed_reason::not_started;
    if (ref.generation == 0)
        ref = detail::first_run();
    detail::thread_record *const self = detail::this_thread();
    detail::thread_slot *const slot =
        self != nullptr ? detail::slot_for(*self, *ref.record) : nullptr;
    if (slot == nullptr)
        return closed_reason::no_memory;
    if (self->traversing)
        return closed_reason::traversing;
    PyThreadState *const now = detail::current_state(self);
    const bool here = now != nullptr && detail::interpreter_of(now) ==
                                            ref.record->interpreter.load(std::memory_order_relaxed);
    while (!detail::enter(*slot, ref, here, even_if_closed, site)) {
        const closed_reason reason = detail::refusal(ref);
        if (reason != closed_reason::none)
            return reason;  // otherwise it was opened after the refusal: try again
    }
    previous_ = self->attached;
    previous_record_ = self->attached_to.record;
    previous_generation_ = self->attached_to.generation;
    suspended_ = nullptr;
    if (here) {
        arrive(now, detail::ownership::attached_before, *self, *slot, ref.generation,
               even_if_closed);
        return closed_reason::none;
    }
    if (now != nullptr)
        suspended_ = detail::save_for_a_while(suspended_for_);
    const detail::chosen_state chosen = detail::choose_state(*self, *slot, ref);
    if (chosen.state == nullptr) {
        if (now != nullptr)
            detail::restore_after_a_while(suspended_, suspended_for_);
        detail::leave(*slot);
        return closed_reason::no_memory;
    }
    if (!attach_with(chosen.state, chosen.owner, *self, *slot, ref.generation, even_if_closed, site,
                     around))
        return closed_reason::finalizing;
    if (chosen.is_new && !even_if_closed)
        detail::start_thread_tools();
    return closed_reason::none;
}

HOLDFAST_DETAIL_COLD_BODY bool attach_guard::turned_away(bool even_if_closed) noexcept {
    if (owner_ <= detail::ownership::borrowed)
        return false;  // the exception is meant for what the thread does outside of our guards
    if (detail::has_async_exception(state_))
        detail::drop_async_exception(*slot_->record, state_);
    if (even_if_closed || slot_->depth != slot_->outlived + 1 ||
        !slot_->entry.interrupted_.load(std::memory_order_relaxed))
        return false;
    end();
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    std::swap(self_->attached_at, at_);  // begin_slowly() may come next
#endif
    self_ = nullptr;
    return true;
}

HOLDFAST_DETAIL_OUTLINED_BODY void attach_guard::detach_recorded(
    detail::thread_track &seen) noexcept {
    if (owner_ == detail::ownership::transient) {  // its deletion runs Python, which may detach
        detach();
        return seen.record_hold(seen.end_hold(), 0);
    }
    const std::uint64_t left = seen.end_hold();
    detach();
    seen.record_hold(left, 0);
}

HOLDFAST_DETAIL_OUTLINED_BODY void attach_guard::detach_elsewhere() noexcept {
    if (owner_ == detail::ownership::transient) {
        detail::delete_attached_state(state_);
        return;
    }
    detail::save_uncancelled();
    detail::park(*self_, state_);
}

HOLDFAST_DETAIL_COLD_BODY void attach_guard::begin_check() noexcept {
    if (self_ == nullptr) {
        self_ = detail::cached_thread;
        owner_ = detail::ownership::nested;
    }
    if (self_ == nullptr)
        return;
    is_checked_ = true;
    older_ = std::exchange(self_->innermost, static_cast<const void *>(this));
}

HOLDFAST_DETAIL_COLD_BODY bool attach_guard::end_check() noexcept {
    if (self_ != detail::cached_thread || self_->innermost != this)
        detail::guards_out_of_order();
    self_->innermost = older_;
    return owner_ != detail::ownership::nested;
}

}  // namespace holdfast
