// holdfast/attach/deferred.ipp: the bodies of deferred.hpp.
#pragma once

#include <holdfast/attach/deferred.hpp>

#include <cerrno>
#include <new>
#include <utility>

#include <holdfast/attach/delete_state.hpp>
#include <holdfast/platform/forced_unwind.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_RARE inline bool leave_note(interpreter_ref ref, void *object,
                                            std::uint64_t of_thread) noexcept {
    if (ref.record == nullptr)
        return false;
    auto *const note = new (std::nothrow) dropped_reference{object, nullptr, of_thread};
    if (note == nullptr)
        return false;
    {
        const mutex_hold hold(ref.record->drops_mutex);
        if (ref.record->interpreter.load(std::memory_order_acquire) != nullptr &&
            ref.record->generation.load(std::memory_order_acquire) == ref.generation) {
            note->next = ref.record->drops.load(std::memory_order_relaxed);
            ref.record->drops.store(note, std::memory_order_release);
            return true;
        }
    }
    delete note;
    return false;
}

HOLDFAST_DETAIL_COLD_BODY bool drop_later(interpreter_ref ref, PyObject *object) noexcept {
    return leave_note(ref, object, 0);
}

HOLDFAST_DETAIL_COLD_BODY bool delete_state_later(interpreter_ref ref, PyThreadState *state,
                                                  std::uint64_t ident) noexcept {
    return leave_note(ref, state, ident);
}

HOLDFAST_DETAIL_COLD_BODY void drop_now(interpreter_record &record) noexcept {
    // The record whose chain this thread is processing. For this thread only.
    static thread_local const interpreter_record *busy = nullptr;
    if (busy == &record)
        return;  // called by a destructor of the chain: the loop below takes what it left
    const interpreter_record *const before = std::exchange(busy, &record);
    const int error_number = errno;  // a caller detached around a system call, and reads it now
    const cancellation_held_off until_dropped;  // destructors run Python code, which waits
    const saved_error aside;
    while (record.drops.load(std::memory_order_acquire) != nullptr) {
        dropped_reference *chain = nullptr;
        {
            const mutex_hold hold(record.drops_mutex);
            chain = record.drops.exchange(nullptr, std::memory_order_acquire);
        }
        while (chain != nullptr) {
            if (chain->of_thread != 0)
                delete_left_state(static_cast<PyThreadState *>(chain->object), chain->of_thread);
            else
                Py_DECREF(static_cast<PyObject *>(chain->object));
            delete std::exchange(chain, chain->next);
        }
    }
    busy = before;
    errno = error_number;
}

}  // namespace holdfast::detail
