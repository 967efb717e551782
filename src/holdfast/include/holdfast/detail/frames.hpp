// holdfast/detail/frames.hpp: where the threads of one interpreter are in their Python code.
//
// Layer 21. sys._current_frames() lists the threads of all interpreters. Where these have GILs of their own,
// the others run meanwhile: its frame objects are then made of frames that change, in memory of another
// interpreter, and CPython 3.12 crashes when they are freed. So the interpreter's own threads are walked.
//
// A stack is read at one go, without Python code: whoever asks a frame for f_back later, when its thread has
// gone on, may be given memory that is no frame any more (CPython 3.11, where the outermost frame had only just
// begun when a collection ran a finalizer in it).
#pragma once

#include "../python.hpp"  // first: CPython asks for it

namespace holdfast::detail {

/// Keeps the garbage collector from running Python code, which would let other threads go on.
class without_collections {
public:
    without_collections() noexcept : enabled_(PyGC_Disable()) {}
    without_collections(const without_collections &) = delete;
    without_collections &operator=(const without_collections &) = delete;
    ~without_collections() {
        if (enabled_ != 0)
            PyGC_Enable();
    }

private:
    int enabled_;
};

/// (file, line, function, None), as traceback.format_list() takes it. New, or null with an error set.
inline PyObject *place_of_frame(PyFrameObject *frame) noexcept {
    auto *const code = reinterpret_cast<PyObject *>(PyFrame_GetCode(frame));
    PyObject *const file = PyObject_GetAttrString(code, "co_filename");
    PyObject *const name = PyObject_GetAttrString(code, "co_name");
    PyObject *const place = file != nullptr && name != nullptr
                                ? Py_BuildValue("(OiOO)", file, PyFrame_GetLineNumber(frame), name, Py_None)
                                : nullptr;
    Py_XDECREF(name);
    Py_XDECREF(file);
    Py_DECREF(code);
    return place;
}

/// Adds {ident: places, oldest first} of one thread; its newest frame is given up. False: with an error set.
inline bool add_stack(PyObject *stacks, unsigned long ident, PyFrameObject *frame) noexcept {
    PyObject *const places = PyList_New(0);
    bool well = places != nullptr;
    while (frame != nullptr) {
        PyObject *const place = well ? place_of_frame(frame) : nullptr;
        well = place != nullptr && PyList_Append(places, place) == 0;
        Py_XDECREF(place);
        PyFrameObject *const back = well ? PyFrame_GetBack(frame) : nullptr;
        Py_DECREF(frame);
        frame = back;
    }
    PyObject *const key = well && PyList_Reverse(places) == 0 ? PyLong_FromUnsignedLong(ident) : nullptr;
    well = key != nullptr && PyDict_SetItem(stacks, key, places) == 0;
    Py_XDECREF(key);
    Py_XDECREF(places);
    return well;
}

#if HOLDFAST_HAS_FREE_THREADING
/// sys._current_frames(), which stops all threads to look. New, or null with an error set.
inline PyObject *newest_frames() noexcept {
    PyObject *const function = PySys_GetObject("_current_frames");  // borrowed
    return function != nullptr ? PyObject_CallNoArgs(function) : nullptr;
}
#endif

/// A set of the idents of threads in the middle of Python code of the interpreter that the calling thread is
/// attached to; on free-threaded builds, of any. A new reference, or null with an error set.
inline PyObject *threads_in_python() noexcept {
#if HOLDFAST_HAS_FREE_THREADING
    PyObject *const frames = newest_frames();
    PyObject *const idents = frames != nullptr ? PySet_New(frames) : nullptr;
    Py_XDECREF(frames);
    return idents;
#else
    PyObject *const idents = PySet_New(nullptr);
    const without_collections quiet;
    PyThreadState *state = idents != nullptr ? PyInterpreterState_ThreadHead(PyInterpreterState_Get()) : nullptr;
    for (; state != nullptr; state = PyThreadState_Next(state)) {
        PyFrameObject *const frame = PyThreadState_GetFrame(state);
        if (frame == nullptr)
            continue;
        Py_DECREF(frame);
        PyObject *const ident = PyLong_FromUnsignedLong(state->thread_id);
        const bool added = ident != nullptr && PySet_Add(idents, ident) == 0;
        Py_XDECREF(ident);
        if (!added) {
            Py_DECREF(idents);
            return nullptr;
        }
    }
    return idents;
#endif
}

/// {thread ident: places, oldest first}, of the interpreter that the calling thread is attached to. A new
/// reference, or null with an error set. On free-threaded builds, of the threads of all interpreters, and what is
/// below the newest frames is read while they run.
inline PyObject *stacks_of_interpreter() noexcept {
    PyObject *const stacks = PyDict_New();
    bool well = stacks != nullptr;
#if HOLDFAST_HAS_FREE_THREADING
    PyObject *const frames = well ? newest_frames() : nullptr;
    PyObject *key = nullptr;
    PyObject *frame = nullptr;
    for (Py_ssize_t at = 0; well && frames != nullptr && PyDict_Next(frames, &at, &key, &frame) != 0;) {
        Py_INCREF(frame);
        well = add_stack(stacks, PyLong_AsUnsignedLong(key), reinterpret_cast<PyFrameObject *>(frame));
    }
    Py_XDECREF(frames);
#else
    const without_collections quiet;
    PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; well && state != nullptr; state = PyThreadState_Next(state))
        if (PyFrameObject *const frame = PyThreadState_GetFrame(state))
            well = add_stack(stacks, state->thread_id, frame);
#endif
    if (well)
        return stacks;
    Py_XDECREF(stacks);
    return nullptr;
}

}  // namespace holdfast::detail
