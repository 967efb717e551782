// holdfast/interrupts/frames.hpp: where the threads of one interpreter are in their Python code.
//
// Not by sys._current_frames(), for two reasons. It lists the threads of all interpreters, and
// makes frame objects in memory of this one of frames that the others go on using: with a GIL each,
// CPython 3.12 crashes when those are freed; without a GIL, two garbage collectors visit them, and
// 3.13 crashes. And what is below the newest frames is looked at later, when the threads have gone
// on: on 3.11 a frame that was begun in an outermost frame that had only just begun itself (a
// collection ran a finalizer there) then points to memory that is no frame any more.
//
// So the interpreter's own threads are walked, each stack at one go, while no other thread runs
// Python.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// A set of the idents of threads in the middle of Python code of the interpreter that the calling
/// thread is attached to. A new reference, or null with an error set.
PyObject *threads_in_python() noexcept;

/// {thread ident: places, oldest first}, of the interpreter that the calling thread is attached to.
/// A new reference, or null with an error set.
PyObject *stacks_of_interpreter() noexcept;

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/interrupts/frames.ipp>
#endif
