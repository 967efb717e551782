// holdfast/attach/deferred.hpp: references that threads drop while they are not attached.
//
// A decref needs an attached thread state, and a destructor cannot wait for one. So the destructor
// leaves a note with the object's interpreter. The next thread that attaches there (nested or not),
// or that attaches again after a detached stretch, does the decref.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>

#include <holdfast/annotations.hpp>
#include <holdfast/gate/registry.hpp>

namespace holdfast::detail {

/// Leaves one strong reference to be dropped later. Any thread, attached or not.
///
/// \return false if the interpreter is gone (the reference is then meaningless) or there is no
///     memory for the note (the object then lives as long as its interpreter).
bool drop_later(interpreter_ref ref, PyObject *object) noexcept;

/// Leaves a state of this thread to be deleted later; the thread is ending. False as above.
bool delete_state_later(interpreter_ref ref, PyThreadState *state, std::uint64_t ident) noexcept;

/// Does the decrefs that other threads left. Attached to the record's interpreter.
///
/// Destructors run here and may leave more notes; the loop ends when there are none. A destructor
/// that attaches or detaches does not start a loop of its own: otherwise a long chain of objects
/// would need an equally deep stack.
HOLDFAST_REQUIRES_ATTACHED void drop_now(interpreter_record &record) noexcept;

/// Relaxed: a thread that misses a note being left finds it at its next attach.
inline bool has_drops(const interpreter_record &record) noexcept {
    return record.drops.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/deferred.ipp>
#endif
