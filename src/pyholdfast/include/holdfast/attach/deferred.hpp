// holdfast/attach/deferred.hpp: references dropped by threads that are not attached.
//
// A decref needs an attached thread state; a destructor cannot wait for one. So it leaves a note
// with the object's interpreter, and the next thread that attaches there, nested or not, or comes
// back from a detached stretch, does the decref.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/gate/registry.hpp>

namespace holdfast::detail {

/// Leaves one strong reference to be dropped later. Any thread, attached or not.
///
/// \return false if the interpreter is gone (the reference means nothing any more) or there is no
///         memory for the note (the object then lives as long as its interpreter).
bool drop_later(interpreter_ref ref, PyObject *object) noexcept;

/// Does the decrefs that others left. Attached to the record's interpreter.
///
/// Destructors run here and may leave more; the loop ends when they stop. Where one of them
/// attaches or detaches, it does not begin a loop of its own: a long chain of objects must not
/// become as deep a stack.
void drop_now(interpreter_record &record) noexcept;

/// Relaxed: who misses a note that is being left meets it at its next attach.
inline bool has_drops(const interpreter_record &record) noexcept {
    return record.drops.load(std::memory_order_relaxed) != nullptr;
}

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/deferred.ipp>
#endif
