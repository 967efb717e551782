// holdfast/attach/gilstate_slot.ipp: the bodies of gilstate_slot.hpp.
#pragma once

#include <holdfast/attach/gilstate_slot.hpp>

#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>

#include <link.h>
#include <pthread.h>

namespace holdfast::detail {

enum class slot_kind : int { unknown, none, key, variable };

HOLDFAST_DETAIL_PRIVATE inline std::atomic<slot_kind> kind_of_slot{slot_kind::unknown};
// The key, or the offset in the variables
HOLDFAST_DETAIL_PRIVATE inline std::atomic<std::size_t> place_of_slot{0};
HOLDFAST_DETAIL_PRIVATE inline thread_local void **slot_of_this_thread = nullptr;

/// This thread's thread-local variables in the library that contains CPython.
struct own_variables {
    char *begin = nullptr;
    std::size_t size = 0;
};

HOLDFAST_DETAIL_COLD inline int look_for_variables(dl_phdr_info *library, std::size_t known,
                                                   void *result) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(&PyGILState_GetThisThreadState);
    bool holds = false;
    std::size_t size = 0;
    for (int i = 0; i < library->dlpi_phnum; ++i) {
        const auto &part = library->dlpi_phdr[i];
        const std::uintptr_t begin = library->dlpi_addr + part.p_vaddr;
        holds =
            holds || (part.p_type == PT_LOAD && begin <= wanted && wanted < begin + part.p_memsz);
        if (part.p_type == PT_TLS)
            size = part.p_memsz;
    }
    constexpr std::size_t needed = offsetof(dl_phdr_info, dlpi_tls_data) + sizeof(void *);
    if (!holds)
        return 0;
    if (size != 0 && known >= needed)
        *static_cast<own_variables *>(result) = {static_cast<char *>(library->dlpi_tls_data), size};
    return 1;
}

/// Whether the place is the slot, which holds `now`. Restores the place.
template <class Put>
bool is_slot(PyThreadState *now, const Put &put) noexcept {
    put(nullptr);
    const bool emptied = PyGILState_GetThisThreadState() == nullptr;
    put(now);
    return emptied && PyGILState_GetThisThreadState() == now;
}

HOLDFAST_DETAIL_COLD inline slot_kind look_for_slot(PyThreadState *now) noexcept {
    for (unsigned at = 0; at < PTHREAD_KEYS_MAX; ++at) {
        const auto key = static_cast<pthread_key_t>(at);
        if (pthread_getspecific(key) == now &&
            is_slot(now, [key](void *state) { pthread_setspecific(key, state); })) {
            place_of_slot.store(at, std::memory_order_relaxed);
            return slot_kind::key;
        }
    }
    own_variables mine;
    dl_iterate_phdr(&look_for_variables, &mine);
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
HOLDFAST_DETAIL_COLD inline bool is_still_slot(PyThreadState *now) noexcept {
    const auto key = static_cast<pthread_key_t>(place_of_slot.load(std::memory_order_relaxed));
    return pthread_getspecific(key) == now &&
           is_slot(now, [key](void *state) { pthread_setspecific(key, state); });
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
    const auto key = static_cast<pthread_key_t>(place_of_slot.load(std::memory_order_relaxed));
    return static_cast<PyThreadState *>(pthread_getspecific(key));
}

HOLDFAST_DETAIL_BODY void replace_in_slot(PyThreadState *idle, PyThreadState *instead) noexcept {
    if (idle->_status.bound_gilstate == 0)
        return;
    const std::size_t place = place_of_slot.load(std::memory_order_relaxed);
    if (kind_of_slot.load(std::memory_order_acquire) == slot_kind::key) {
        pthread_setspecific(static_cast<pthread_key_t>(place), instead);
    } else {
        if (slot_of_this_thread == nullptr) {
            own_variables mine;
            dl_iterate_phdr(&look_for_variables, &mine);
            slot_of_this_thread = reinterpret_cast<void **>(mine.begin + place);
        }
        *const_cast<void *volatile *>(slot_of_this_thread) = instead;
    }
    idle->_status.bound_gilstate = 0;
    if (instead != nullptr)
        instead->_status.bound_gilstate = 1;
}

}  // namespace holdfast::detail

#endif
