// holdfast/detail/async_raise.hpp: raising an exception in another thread where it strands nobody.
//
// Layer 22. CPython raises an asynchronous exception at the thread's next check, whatever Python code it is
// in. Two kinds of code do not survive that. importlib._bootstrap takes and passes on the lock of a module in
// Python code: a thread that is stopped halfway keeps the lock, or the others' wake-up call, and all who import
// that module wait for ever. And a Python function that enters or leaves a `with` block, or finalizes an object,
// has taken what it will not give back, or not given back what it has taken.
//
// So the raiser looks first, while the thread cannot run: CPython handles a request for the GIL, or to stop, and an
// asynchronous exception at one and the same check, so a thread that runs Python gets the exception where it was seen.
// Not so from 3.13 on: there the thread must have been asked before (asked_check.hpp), or the exception comes at the next
// check, which nobody has looked at (docs/explanation/limits.md).
// A thread that is blocked in C was seen in the frame that called the C function. That frame checks when the
// function returns, unless the function fails: then the exception comes up later, in the worst case at the
// beginning of the code that would release the module's lock. release_import_locks() mends that.
//
// And one check comes too early. Up to 3.13 `with` calls __enter__ in an instruction of its own, which does not check.
// From 3.14 on it is an ordinary CALL: that checks when __enter__ has returned, and the block, for which __exit__ runs,
// begins with the next instruction. So a thread that is seen there must not be given an exception, however long it
// waits: it would get it with the lock taken. Nothing is lost by that, for it cannot get it before.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <cstdint>
#include <initializer_list>

#include "asked_check.hpp"
#include "attributes.hpp"
#include "others_stopped.hpp"

namespace holdfast::detail {

inline constexpr const char *interrupted_name = "holdfast.Interrupted";

/// `elsewhere`: it is not where it will check next; to be tried again at once.
enum class raise_outcome : unsigned char { raised, held_off, elsewhere, no_such_thread };

/// For how long a thread may keep an exception off by running its own __enter__, __exit__ or __del__. There is no
/// such limit in importlib._bootstrap, which ends by itself, and in the call of an __enter__ that is written in C.
inline constexpr int held_off_at_most_ms = 1000;

/// Borrowed text of a code object, compared: whether it is one of the names.
HOLDFAST_DETAIL_COLD inline bool is_named(PyObject *text, std::initializer_list<const char *> names) noexcept {
    if (text != nullptr && PyUnicode_Check(text) != 0)
        for (const char *const name : names)
            if (PyUnicode_CompareWithASCIIString(text, name) == 0)
                return true;
    return false;
}

HOLDFAST_DETAIL_COLD inline bool is_import_system(const PyCodeObject *code) noexcept {
    return is_named(code->co_filename, {"<frozen importlib._bootstrap>"});
}

/// A function of importlib._bootstrap that changes a module's lock. The others may be left by an exception of what
/// they call, as every loader may raise one.
HOLDFAST_DETAIL_COLD inline bool handles_import_lock(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"acquire", "release", "__enter__", "__exit__", "__init__", "_get_module_lock",
                                    "_lock_unlock_module", "has_deadlock", "_has_deadlocked", "cb", "_find_and_load"});
}

/// A Python function that takes something for a `with` block or gives it back, or finalizes an object.
HOLDFAST_DETAIL_COLD inline bool takes_or_gives_back(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"__enter__", "__exit__", "__aenter__", "__aexit__", "__del__"});
}

/// The same for what `threading` and `logging` call their parts. Only where nothing is called: Condition.wait(), called by
/// an acquire(), may wait for ever.
HOLDFAST_DETAIL_COLD inline bool counts_a_lock(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"acquire", "release", "_acquire_restore", "_release_save", "_acquireLock",
                                    "_releaseLock"});
}

#if HOLDFAST_HAS_FREE_THREADING
// There the others are stopped wherever they are, and to look attributes up may need what one of them has.
inline bool is_taking(PyFrameObject *, PyCodeObject *) noexcept { return false; }
#else
/// Whether the instruction at `at` loads one of the names: its argument counts them, alone or with a bit behind.
HOLDFAST_DETAIL_COLD inline bool loads_named(const PyCodeObject *code, const unsigned char *at,
                                             std::initializer_list<const char *> names) noexcept {
    const Py_ssize_t count = PyTuple_GET_SIZE(code->co_names);
    return (at[1] < count && is_named(PyTuple_GET_ITEM(code->co_names, at[1]), names)) ||
           (at[1] / 2 < count && is_named(PyTuple_GET_ITEM(code->co_names, at[1] / 2), names));
}

/// Whether the frame is in a call without arguments of a function that takes a lock, or gives it back for the time of a
/// wait: there the `try` that undoes it has not begun. CPython checks when a function in C returns; on 3.10, any function.
HOLDFAST_DETAIL_COLD inline bool is_taking(PyFrameObject *frame, PyCodeObject *code) noexcept {
    PyObject *const text = PyObject_GetAttrString(reinterpret_cast<PyObject *>(code), "co_code");
    PyObject *const last = PyObject_GetAttrString(reinterpret_cast<PyObject *>(frame), "f_lasti");
    const long in_bytes = last != nullptr ? PyLong_AsLong(last) : -1;
    bool taking = false;
    if (text != nullptr && in_bytes > 0 && in_bytes < PyBytes_GET_SIZE(text)) {
        const auto *const bytes = reinterpret_cast<const unsigned char *>(PyBytes_AS_STRING(text));
        long at = in_bytes;
        const auto go_back = [&] {
            do
                at -= 2;
            while (at > 0 && bytes[at] == 0);  // what belongs to the instruction before
            return at >= 0 ? bytes + at : nullptr;
        };
        const unsigned char *before = bytes[in_bytes + 1] == 0 ? go_back() : nullptr;
        for (int looks = 0; before != nullptr && looks < 2 && !taking; ++looks) {
            taking = loads_named(code, before, {"acquire", "_acquireLock", "_release_save"});
            before = before[1] == 0 ? go_back() : nullptr;  // 3.11 has an instruction in between
        }
    }
    PyErr_Clear();
    Py_XDECREF(last);
    Py_XDECREF(text);
    return taking;
}
#endif

#if HOLDFAST_HAS_LOAD_SPECIAL
/// The number of LOAD_SPECIAL, and what it takes as argument for __enter__. <opcode_ids.h> would define macros of
/// names such as CALL in the host's sources.
inline constexpr unsigned char load_special = HOLDFAST_HAS_LOAD_SPECIAL;
inline constexpr unsigned char load_special_enter = 0;

/// Whether the frame is in the instruction that calls __enter__ for a `with` block. It has the look of the method
/// before it, and no other has.
HOLDFAST_DETAIL_COLD inline bool is_entering(PyFrameObject *frame, PyCodeObject *code) noexcept {
    PyObject *const text = PyCode_GetCode(code);  // without what the interpreter has specialized
    if (text == nullptr) {
        PyErr_Clear();
        return false;
    }
    const int at = PyFrame_GetLasti(frame);  // in bytes; an instruction has two, the number first
    const auto *const bytes = reinterpret_cast<const unsigned char *>(PyBytes_AS_STRING(text));
    const bool entering = at >= 2 && at < PyBytes_GET_SIZE(text) && bytes[at - 2] == load_special &&
                          bytes[at - 1] == load_special_enter;
    Py_DECREF(text);
    return entering;
}
#else
inline bool is_entering(PyFrameObject *, PyCodeObject *) noexcept { return false; }
#endif

/// Calls visit(frame, code) for the frames of a thread that cannot run, the newest first, until it returns false. Attached.
template <class Visit>
HOLDFAST_DETAIL_COLD void visit_frames(PyThreadState *state, Visit visit) noexcept {
    PyFrameObject *frame = PyThreadState_GetFrame(state);  // a new reference, or null
    for (bool go_on = true; frame != nullptr && go_on;) {
        PyCodeObject *const code = PyFrame_GetCode(frame);
        go_on = visit(frame, code);
        Py_DECREF(reinterpret_cast<PyObject *>(code));
        PyFrameObject *const back = PyFrame_GetBack(frame);
        Py_DECREF(reinterpret_cast<PyObject *>(frame));
        frame = back;
    }
    Py_XDECREF(reinterpret_cast<PyObject *>(frame));
}

/// Whether an exception raised in the thread of `state` now could strand others. Attached, while no other thread runs.
///
/// \param patient  whether that includes code of anybody's, and not only importlib._bootstrap.
HOLDFAST_DETAIL_COLD inline bool must_hold_off(PyThreadState *state, bool patient) noexcept {
    int depth = 0;
    bool hold_off = false;
    visit_frames(state, [&](PyFrameObject *frame, PyCodeObject *code) {
        const bool importing = is_import_system(code);
        if (importing)
            hold_off = depth == 0 || handles_import_lock(code);  // the latter: called by a collection, or a hook
        else if (depth == 0 && is_entering(frame, code))
            hold_off = true;
        else if (patient)  // depth 1: contextlib's, which calls a generator
            hold_off = (depth <= 1 && takes_or_gives_back(code)) ||
                       (depth == 0 && (counts_a_lock(code) || is_taking(frame, code)));
        ++depth;
        return !hold_off && !importing;
    });
    return hold_off;
}

/// One attempt to raise `type` in the thread `ident` of the current interpreter. Attached.
class raise_attempt {
public:
    raise_attempt(std::uint64_t ident, PyObject *type, bool patient, asked_check &asked) noexcept
        : ident_(static_cast<unsigned long>(ident)), type_(type), patient_(patient), asked_(asked) {
        while_others_are_stopped([this] { look_and_raise(); });
    }
    raise_attempt(const raise_attempt &) = delete;
    raise_attempt &operator=(const raise_attempt &) = delete;

    [[nodiscard]] raise_outcome outcome() const noexcept { return outcome_; }

private:
    void look_and_raise() noexcept {
        PyThreadState *const state = find_state();
        if (state == nullptr)
            return;
        const seen_at at = where_it_is(asked_, state);
        if (patient_ && at != seen_at::its_check)
            outcome_ = at == seen_at::elsewhere ? raise_outcome::elsewhere : raise_outcome::held_off;
        else
            outcome_ = must_hold_off(state, patient_) ? raise_outcome::held_off : raise_outcome::raised;
        if (outcome_ == raise_outcome::raised)
            set_async_exception(state, type_);
    }

    /// The thread's newest state in which Python code runs; if there is none, its oldest. Up to 3.11 a thread that is
    /// being started has the ident of the one that starts it, until it runs.
    [[nodiscard]] PyThreadState *find_state() const noexcept {
        PyThreadState *found = nullptr;
        for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get()); state != nullptr;
             state = PyThreadState_Next(state)) {
            if (state->thread_id != ident_)
                continue;
            found = state;
            PyFrameObject *const frame = PyThreadState_GetFrame(state);
            Py_XDECREF(reinterpret_cast<PyObject *>(frame));
            if (frame != nullptr)
                break;
        }
        return found;
    }

    unsigned long ident_;
    PyObject *type_;
    bool patient_;
    asked_check &asked_;
    raise_outcome outcome_ = raise_outcome::no_such_thread;
};

/// Whether the calling thread is in the middle of an import. Attached.
HOLDFAST_DETAIL_COLD inline bool is_importing() noexcept {
    bool importing = false;
    visit_frames(PyThreadState_Get(), [&](PyFrameObject *, PyCodeObject *code) {
        importing = is_import_system(code);
        return !importing;
    });
    return importing;
}

/// Gives back one module's lock as often as the thread `ident`, the caller, has taken it.
HOLDFAST_DETAIL_COLD inline void release_import_lock(PyObject *lock, PyObject *ident) noexcept {
    for (;;) {
        PyObject *const owner = PyObject_GetAttrString(lock, "owner");
        const bool own = owner != nullptr && PyObject_RichCompareBool(owner, ident, Py_EQ) == 1;
        Py_XDECREF(owner);
        PyObject *const done = own ? PyObject_CallMethod(lock, "release", nullptr) : nullptr;
        Py_XDECREF(done);
        if (done == nullptr)
            return;
    }
}

/// For a thread that has been interrupted, where the exception leaves Python, or its call ends: gives back the locks of modules
/// that it still holds although it imports nothing any more. Only a lock's owner releases it, and only within
/// importlib._bootstrap, so no other thread and no frame below has a claim on these. Attached; keeps an exception
/// that is set.
HOLDFAST_DETAIL_COLD inline void release_import_locks() noexcept {
    const saved_error aside;
    if (is_importing())
        return;
    PyObject *const module = loaded_module("_frozen_importlib");
    PyObject *const by_name = module != nullptr ? PyObject_GetAttrString(module, "_module_locks") : nullptr;
    PyObject *const references = by_name != nullptr && PyDict_Check(by_name) != 0 ? PyDict_Values(by_name) : nullptr;
    PyObject *const ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
    for (Py_ssize_t i = 0; references != nullptr && ident != nullptr && i < PyList_GET_SIZE(references); ++i) {
        PyObject *const lock = PyObject_CallNoArgs(PyList_GET_ITEM(references, i));
        if (lock != nullptr && lock != Py_None)
            release_import_lock(lock, ident);
        PyErr_Clear();
        Py_XDECREF(lock);
    }
    PyErr_Clear();
    Py_XDECREF(ident);
    Py_XDECREF(references);
    Py_XDECREF(by_name);
    Py_XDECREF(module);
}

}  // namespace holdfast::detail
