// holdfast/attach/attach_guard.common.ipp: the attach that a thread makes again and again.
//
// begin() and end() are never inlined, so a host loses nothing if they are compiled elsewhere. What
// they inline stands above them.
#pragma once

#include <holdfast/attach/attach_guard.hpp>

#include <utility>

namespace holdfast {

HOLDFAST_DETAIL_INLINE bool attach_guard::arrive(PyThreadState *state, detail::ownership owner,
                                                 detail::thread_record &self,
                                                 detail::thread_slot &slot,
                                                 std::uint64_t generation,
                                                 bool even_if_closed) noexcept {
    self_ = &self;
    slot_ = &slot;
    state_ = state;
    owner_ = owner;
    self.attached = state;
    self.attached_to = {slot.record, generation};
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    std::swap(self.attached_at, at_);
#endif
    // interrupted_: finalize() interrupted this thread before it had a state in which it could
    // raise an exception.
    if ((detail::has_async_exception(state) ||
         slot.entry.interrupted_.load(std::memory_order_relaxed)) &&
        turned_away(even_if_closed))
        return false;
    if (detail::has_drops(*slot.record))
        detail::drop_now(*slot.record);
    return true;
}

HOLDFAST_DETAIL_INLINE bool attach_guard::attach_with(PyThreadState *state, detail::ownership owner,
                                                      detail::thread_record &self,
                                                      detail::thread_slot &slot,
                                                      std::uint64_t generation, bool even_if_closed,
                                                      call_site site,
                                                      detail::around_wait *around) noexcept {
    if (around != nullptr)
        around->begin(*around, detail::interpreter_of(state));
    if (detail::thread_track *const seen = detail::track_of(self))
        detail::attach_recorded(*seen, state, site, generation);
    else
        detail::restore_or_hang(state);
    if (around != nullptr)
        around->end(*around);
    if (owner == detail::ownership::transient &&
        detail::keep_elsewhere(self, slot, {slot.record, generation}, state))
        owner = detail::ownership::parked;
    return arrive(state, owner, self, slot, generation, even_if_closed);
}

HOLDFAST_DETAIL_OUTLINED_BODY bool attach_guard::begin(detail::interpreter_ref ref,
                                                       call_site site) noexcept {
    detail::thread_record *const self = detail::cached_thread;
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    at_ = __builtin_frame_address(0);
#endif
    if (self == nullptr)
        return false;
    if (ref.generation == 0 && ref.record != nullptr)
        // A view that was taken before the first start; still 0 if that is to come.
        ref.generation = ref.record->first_generation.load(std::memory_order_acquire);
    if (self->attached != nullptr) {
        if (ref.generation == 0 || !(self->attached_to == ref) ||
            !detail::is_attached_with(self->attached))
            return false;
        detail::drop_if_any(*self);  // nested
        return true;
    }
    if (detail::threads_may_be_cancelled())
        return false;
    detail::thread_slot *slot = &self->main_slot;
    while (slot->record != ref.record) {
        slot = slot == &self->main_slot ? self->other_slots : slot->next;
        if (slot == nullptr)
            return false;
    }
    if (slot->cached == nullptr || slot->cached_generation != ref.generation || slot->depth != 0 ||
        !slot->record->door.enter(slot->entry, site))
        return false;
    // The cached state may be read only now, with finalization held back.
    auto *const cached = static_cast<PyThreadState *>(slot->cached);
    const bool elsewhere = slot != &self->main_slot;
    if (slot->record->generation.load(std::memory_order_relaxed) != ref.generation ||
        !(elsewhere ? detail::may_attach_elsewhere(*self, cached)
                    : detail::may_attach_with(cached))) {
        slot->record->door.leave(slot->entry);
        return false;
    }
    slot->depth = 1;
    suspended_ = nullptr;
    previous_ = nullptr;
    return attach_with(cached, elsewhere ? detail::ownership::parked : detail::ownership::cached,
                       *self, *slot, ref.generation, false, site);
}

HOLDFAST_DETAIL_INLINE void attach_guard::detach() noexcept {
    if (owner_ >= detail::ownership::transient)
        detach_elsewhere();
    else
        detail::save_uncancelled();
}

HOLDFAST_DETAIL_OUTLINED_BODY void attach_guard::end() noexcept {
    if (is_checked_ && !end_check())
        return;
    // If Python's exit did not wait for this thread, it may unwind it while it is detached.
    // Then there is nothing to detach.
    if (owner_ != detail::ownership::attached_before && detail::is_attached_with(state_)) {
        if (owner_ != detail::ownership::borrowed)
            detail::leave_clean(*slot_->record, state_);
        if (detail::thread_track *const seen = detail::track_of(*self_))
            detach_recorded(*seen);
        else
            detach();
    }
    self_->attached = previous_;
    if (previous_ != nullptr) {
        self_->attached_to = {previous_record_, previous_generation_};
#if !HOLDFAST_HAS_MOVING_GILSTATE_SLOT
        self_->attached_at = at_;
#endif
    }
    detail::leave(*slot_);
    if (suspended_ != nullptr)
        detail::restore_after_a_while(suspended_, suspended_for_);
}

}  // namespace holdfast
