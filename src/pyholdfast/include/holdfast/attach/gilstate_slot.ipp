// holdfast/attach/gilstate_slot.ipp: the bodies of gilstate_slot.hpp.
#pragma once

#include <holdfast/attach/gilstate_slot.hpp>

#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <holdfast/platform/own_variables.hpp>
#include <holdfast/platform/thread_storage.hpp>

namespace holdfast::detail {

enum class slot_kind : int { unknown, none, key, variable };

HOLDFAST_DETAIL_PRIVATE inline std::atomic<slot_kind> kind_of_slot{slot_kind::unknown};
// The key, or the offset in the variables
HOLDFAST_DETAIL_PRIVATE inline std::atomic<std::size_t> place_of_slot{0};
HOLDFAST_DETAIL_PRIVATE inline thread_local void **slot_of_this_thread = nullptr;

/// The calling thread's, in the library that contains CPython.
inline own_variables variables_with_the_slot() noexcept {
    return variables_around(reinterpret_cast<const void *>(&PyGILState_GetThisThreadState));
}

/// Whether the place is the slot, which holds `now`. Restores the place.
template <class Put>
bool is_slot(PyThreadState *now, const Put &put) noexcept {
    put(nullptr);
    const bool emptied = PyGILState_GetThisThreadState() == nullptr;
    put(now);
    return emptied && PyGILState_GetThisThreadState() == now;
}

HOLDFAST_DETAIL_RARE inline slot_kind look_for_slot(PyThreadState *now) noexcept {
    for (std::size_t key = 0; key < most_keys; ++key) {
        if (value_of_key(key) == now &&
            is_slot(now, [key](void *state) { set_value_of_key(key, state); })) {
            place_of_slot.store(key, std::memory_order_relaxed);
            return slot_kind::key;
        }
    }
    const own_variables mine = variables_with_the_slot();
    for (std::size_t at = 0; mine.begin != nullptr && at + sizeof(void *) <= mine.size;
         at += sizeof(void *)) {
        auto *const word = reinterpret_cast<void **>(mine.begin + at);
        if (*word == now &&
            is_slot(now, [word](void *state) { *const_cast<void *volatile *>(word) = state; })) {
            place_of_slot.store(at, std::memory_order_relaxed);
            return slot_kind::variable;
        }
    }
    return slot_kind::none;
}

/// Whether the key that was the slot still is. A restart of Python creates a new key, and the host
/// may have the old number by now.
HOLDFAST_DETAIL_RARE inline bool is_still_slot(PyThreadState *now) noexcept {
    const std::size_t key = place_of_slot.load(std::memory_order_relaxed);
    return value_of_key(key) == now &&
           is_slot(now, [key](void *state) { set_value_of_key(key, state); });
}

HOLDFAST_DETAIL_COLD_BODY bool find_gilstate_slot() noexcept {
    slot_kind kind = kind_of_slot.load(std::memory_order_acquire);
    PyThreadState *const now = PyGILState_GetThisThreadState();
    if (now == nullptr)
        return false;
    if (kind == slot_kind::unknown || (kind == slot_kind::key && !is_still_slot(now))) {
        kind = look_for_slot(now);  // several threads at the same time find the same
        kind_of_slot.store(kind, std::memory_order_release);
    }
    return kind == slot_kind::key || kind == slot_kind::variable;
}

HOLDFAST_DETAIL_BODY PyThreadState *state_in_slot() noexcept {
    if (kind_of_slot.load(std::memory_order_acquire) != slot_kind::key)
        return PyGILState_GetThisThreadState();
    return static_cast<PyThreadState *>(
        value_of_key(place_of_slot.load(std::memory_order_relaxed)));
}

HOLDFAST_DETAIL_BODY void replace_in_slot(PyThreadState *idle, PyThreadState *instead) noexcept {
    if (idle->_status.bound_gilstate == 0)
        return;
    const std::size_t place = place_of_slot.load(std::memory_order_relaxed);
    if (kind_of_slot.load(std::memory_order_acquire) == slot_kind::key) {
        set_value_of_key(place, instead);
    } else {
        if (slot_of_this_thread == nullptr) {
            slot_of_this_thread =
                reinterpret_cast<void **>(variables_with_the_slot().begin + place);
        }
        *const_cast<void *volatile *>(slot_of_this_thread) = instead;
    }
    idle->_status.bound_gilstate = 0;
    if (instead != nullptr)
        instead->_status.bound_gilstate = 1;
}

}  // namespace holdfast::detail

#endif
