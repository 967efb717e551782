// holdfast/detail/deferred.hpp: references dropped by threads that are not attached.
//
// Layer 21. A decref needs an attached thread state; a destructor cannot wait for one. So it leaves a
// note with the object's interpreter, and the next thread that attaches there does the decref.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <mutex>
#include <new>
#include <utility>

#include "registry.hpp"

namespace holdfast::detail {

/// Leaves one strong reference to be dropped later. Any thread, attached or not.
///
/// \return false if the interpreter is gone (the reference means nothing any more) or there is no
///         memory for the note (the object then lives as long as its interpreter).
HOLDFAST_DETAIL_COLD inline bool drop_later(interpreter_ref ref, PyObject *object) noexcept {
    if (ref.record == nullptr)
        return false;
    auto *const note = new (std::nothrow) dropped_reference{object, nullptr};
    if (note == nullptr)
        return false;
    {
        const std::lock_guard<std::mutex> hold(ref.record->drops_mutex);
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

/// Does the decrefs that others left. Attached to the record's interpreter.
///
/// Destructors run here and may leave more; the loop ends when they stop.
HOLDFAST_DETAIL_COLD inline void drop_now(interpreter_record &record) noexcept {
    const saved_error aside;
    while (record.drops.load(std::memory_order_acquire) != nullptr) {
        dropped_reference *chain = nullptr;
        {
            const std::lock_guard<std::mutex> hold(record.drops_mutex);
            chain = record.drops.exchange(nullptr, std::memory_order_acquire);
        }
        while (chain != nullptr) {
            Py_DECREF(static_cast<PyObject *>(chain->object));
            delete std::exchange(chain, chain->next);
        }
    }
}

inline bool has_drops(const interpreter_record &record) noexcept {
    return record.drops.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace holdfast::detail
