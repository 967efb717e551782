// holdfast/interrupts/frames.hpp: where the threads of one interpreter are in their Python code.
//
// We do not use sys._current_frames(), for two reasons. First, it lists the threads of all
// interpreters, and it makes frame objects in this interpreter's memory for frames that the others
// go on using. If each has its own GIL, CPython 3.12 crashes when those are freed; without a GIL,
// two garbage collectors visit them, and 3.13 crashes. Second, the older frames are read later,
// when the threads have gone on. On 3.11, if a frame began in an outermost frame that had itself
// only just begun (a collection ran a finalizer there), it then points to memory that no longer
// holds a frame.
//
// So we walk the interpreter's own threads, each stack in one go, while no other thread runs
// Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// The set of idents of the threads that are inside Python code of the caller's interpreter. A new
/// reference, or null with an error set.
HOLDFAST_REQUIRES_ATTACHED PyObject *threads_in_python() noexcept;

/// {thread ident: places, oldest first} for the caller's interpreter. A new reference, or null with
/// an error set.
HOLDFAST_REQUIRES_ATTACHED PyObject *stacks_of_interpreter() noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/interrupts/frames.ipp>
#endif
