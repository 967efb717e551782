// holdfast/detail/frames.hpp: which threads are in the middle of Python code of one interpreter.
//
// Layer 21. sys._current_frames() lists the threads of all interpreters. Where these have GILs of their own,
// the others run meanwhile: its frame objects are then made of frames that change, in memory of another
// interpreter, and CPython 3.12 crashes when they are freed. So the interpreter's own threads are walked.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

namespace holdfast::detail {

/// {thread ident: frame}, of the interpreter that the calling thread is attached to. A new reference, or null
/// with an error set. On free-threaded builds it is sys._current_frames(), which stops all threads to look.
inline PyObject *frames_of_interpreter() noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    PyObject *const all = PySys_GetObject("_current_frames");  // borrowed
    return all != nullptr ? PyObject_CallNoArgs(all) : nullptr;
#else
    PyObject *const frames = PyDict_New();
    PyThreadState *state = frames != nullptr ? PyInterpreterState_ThreadHead(PyInterpreterState_Get()) : nullptr;
    for (; state != nullptr; state = PyThreadState_Next(state)) {
        auto *const frame = reinterpret_cast<PyObject *>(PyThreadState_GetFrame(state));
        if (frame == nullptr)
            continue;
        PyObject *const ident = PyLong_FromUnsignedLong(state->thread_id);
        const bool added = ident != nullptr && PyDict_SetItem(frames, ident, frame) == 0;
        Py_XDECREF(ident);
        Py_DECREF(frame);
        if (!added) {
            Py_DECREF(frames);
            return nullptr;
        }
    }
    return frames;
#endif
}

}  // namespace holdfast::detail
