// holdfast/interrupts/frames.ipp: the bodies of frames.hpp.
#pragma once

#include <holdfast/interrupts/frames.hpp>

#include <new>
#include <vector>

#include <holdfast/interrupts/others_stopped.hpp>

namespace holdfast::detail {

/// A frame as it was while no other thread ran.
struct seen_frame {
    unsigned long ident = 0;         // of its thread
    PyFrameObject *frame = nullptr;  // owned; must not be queried any more
    PyCodeObject *code = nullptr;    // owned
    int line = 0;
};

/// The frames of all threads, newest first for each.
///
/// Owns:    references.
/// Threads: the attached thread that made it.
class seen_frames {
public:
    /// \param deep  true: whole stacks; false: only each thread's newest frame.
    explicit seen_frames(bool deep) noexcept : deep_(deep) {
        while_others_are_stopped([this] { look(); });
    }
    seen_frames(const seen_frames &) = delete;
    seen_frames &operator=(const seen_frames &) = delete;
    ~seen_frames() {
        for (const seen_frame &one : frames_) {
            Py_DECREF(reinterpret_cast<PyObject *>(one.code));
            Py_DECREF(reinterpret_cast<PyObject *>(one.frame));
        }
    }

    [[nodiscard]] const std::vector<seen_frame> &all() const noexcept { return frames_; }
    /// False: there was no memory for some of them.
    [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }

private:
    void look() noexcept {
        PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
        for (; state != nullptr; state = PyThreadState_Next(state)) {
            PyFrameObject *frame = PyThreadState_GetFrame(state);
            while (frame != nullptr && add({state->thread_id, frame, PyFrame_GetCode(frame),
                                            PyFrame_GetLineNumber(frame)}))
                frame = deep_ ? PyFrame_GetBack(frame) : nullptr;
        }
    }

    bool add(const seen_frame &one) noexcept {
        try {
            frames_.push_back(one);
            return true;
        } catch (const std::bad_alloc &) {
            Py_DECREF(reinterpret_cast<PyObject *>(one.code));
            Py_DECREF(reinterpret_cast<PyObject *>(one.frame));
            is_complete_ = false;
            return false;
        }
    }

    bool deep_;
    bool is_complete_ = true;
    std::vector<seen_frame> frames_;
};

HOLDFAST_DETAIL_BODY PyObject *threads_in_python() noexcept {
    const seen_frames seen(false);
    if (!seen.is_complete())  // a thread that is missing would not be waited for
        return PyErr_NoMemory();
    PyObject *idents = PySet_New(nullptr);
    for (const seen_frame &one : seen.all()) {
        PyObject *const ident = idents != nullptr ? PyLong_FromUnsignedLong(one.ident) : nullptr;
        if (idents != nullptr && (ident == nullptr || PySet_Add(idents, ident) != 0)) {
            Py_DECREF(idents);
            idents = nullptr;
        }
        Py_XDECREF(ident);
    }
    return idents;
}

/// Adds (file, line, function, None), the form that traceback.format_list() takes, to its thread's
/// places. False: failed with an error set.
HOLDFAST_DETAIL_BODY bool add_place(PyObject *stacks, const seen_frame &one) noexcept {
    auto *const code = reinterpret_cast<PyObject *>(one.code);
    PyObject *const file = PyObject_GetAttrString(code, "co_filename");
    PyObject *const name = PyObject_GetAttrString(code, "co_name");
    PyObject *const place = file != nullptr && name != nullptr
                                ? Py_BuildValue("(OiOO)", file, one.line, name, Py_None)
                                : nullptr;
    PyObject *const ident = place != nullptr ? PyLong_FromUnsignedLong(one.ident) : nullptr;
    PyObject *const fresh = ident != nullptr ? PyList_New(0) : nullptr;
    // Borrowed
    PyObject *const places = fresh != nullptr ? PyDict_SetDefault(stacks, ident, fresh) : nullptr;
    const bool well = places != nullptr && PyList_Insert(places, 0, place) == 0;
    Py_XDECREF(fresh);
    Py_XDECREF(ident);
    Py_XDECREF(place);
    Py_XDECREF(name);
    Py_XDECREF(file);
    return well;
}

HOLDFAST_DETAIL_BODY PyObject *stacks_of_interpreter() noexcept {
    const seen_frames seen(true);
    PyObject *stacks = PyDict_New();
    for (const seen_frame &one : seen.all())
        if (stacks != nullptr && !add_place(stacks, one)) {
            Py_DECREF(stacks);
            stacks = nullptr;
        }
    return stacks;
}

}  // namespace holdfast::detail
