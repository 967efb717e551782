// holdfast/interrupts/safe_place.hpp: where in its code a thread must not be given an exception.
//
// One check comes too early. Up to 3.13 `with` calls __enter__ in an instruction of its own, which
// does not check. From 3.14 on it is an ordinary CALL. That checks after __enter__ has returned,
// but the block that __exit__ protects begins only with the next instruction. So a thread that is
// seen there must not be given an exception, however long it waits: it would get it with the lock
// taken. Nothing is lost, because the thread cannot get it earlier.
//
// Another check is outside every block. On 3.13 and 3.14 a function's exception table, which says
// which handler or __exit__ covers which instruction, leaves out a loop's jump back, which checks.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <initializer_list>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

/// Whether a code object's text (borrowed) is one of the names.
HOLDFAST_DETAIL_COLD inline bool is_named(PyObject *text,
                                          std::initializer_list<const char *> names) noexcept {
    if (text != nullptr && PyUnicode_Check(text) != 0)
        for (const char *const name : names)
            if (PyUnicode_CompareWithASCIIString(text, name) == 0)
                return true;
    return false;
}

HOLDFAST_DETAIL_COLD inline bool is_import_system(const PyCodeObject *code) noexcept {
    return is_named(code->co_filename, {"<frozen importlib._bootstrap>"});
}

/// A function of importlib._bootstrap that changes a module's lock. An exception may safely leave
/// its other functions: the loaders that they call may raise one, too.
HOLDFAST_DETAIL_COLD inline bool handles_import_lock(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"acquire", "release", "__enter__", "__exit__", "__init__",
                                    "_get_module_lock", "_lock_unlock_module", "has_deadlock",
                                    "_has_deadlocked", "cb", "_find_and_load"});
}

/// A Python function that acquires or releases something for a `with` block, or finalizes an
/// object.
HOLDFAST_DETAIL_COLD inline bool takes_or_gives_back(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"__enter__", "__exit__", "__aenter__", "__aexit__", "__del__"});
}

/// The corresponding functions of `threading` and `logging`. Only if they call nothing:
/// Condition.wait(), which an acquire() calls, may wait for ever.
HOLDFAST_DETAIL_COLD inline bool counts_a_lock(const PyCodeObject *code) noexcept {
    return is_named(code->co_name, {"acquire", "release", "_acquire_restore", "_release_save",
                                    "_acquireLock", "_releaseLock"});
}

/// A frame's current instruction and those before it, without the interpreter's specializations. An
/// instruction has two bytes; the first is its number.
///
/// Owns:    the text.
/// Threads: the attached thread that made it.
class seen_instruction {
public:
    HOLDFAST_DETAIL_COLD seen_instruction(PyFrameObject *frame, PyCodeObject *code) noexcept {
#if HOLDFAST_HAS_CODE_AND_LASTI
        text_ = PyCode_GetCode(code);
        at_ = PyFrame_GetLasti(frame);
#else
        text_ = PyObject_GetAttrString(reinterpret_cast<PyObject *>(code), "co_code");
        PyObject *const last =
            PyObject_GetAttrString(reinterpret_cast<PyObject *>(frame), "f_lasti");
        at_ = last != nullptr ? PyLong_AsLong(last) : -1;
        Py_XDECREF(last);
#endif
        PyErr_Clear();
        if (text_ == nullptr || at_ >= PyBytes_GET_SIZE(text_))
            at_ = -1;
    }
    seen_instruction(const seen_instruction &) = delete;
    seen_instruction &operator=(const seen_instruction &) = delete;
    ~seen_instruction() { Py_XDECREF(text_); }

    /// Its offset in bytes from the beginning; negative: the frame has none.
    [[nodiscard]] long at() const noexcept { return at_; }
    /// The two bytes there; null before the beginning, and if the frame has none.
    [[nodiscard]] const unsigned char *bytes(long at) const noexcept {
        return at_ < 0 || at < 0
                   ? nullptr
                   : reinterpret_cast<const unsigned char *>(PyBytes_AS_STRING(text_)) + at;
    }

private:
    PyObject *text_ = nullptr;
    long at_ = -1;
};

#if HOLDFAST_HAS_FREE_THREADING
// Here the other threads are stopped wherever they are, and looking up names may need a lock that
// one of them holds.
inline bool is_taking(const seen_instruction &, const PyCodeObject *) noexcept { return false; }
#else
/// Whether the instruction loads one of the names: its argument is the name's index, alone or with
/// one bit below it.
HOLDFAST_DETAIL_COLD inline bool loads_named(const PyCodeObject *code, const unsigned char *bytes,
                                             std::initializer_list<const char *> names) noexcept {
    const Py_ssize_t count = PyTuple_GET_SIZE(code->co_names);
    return (bytes[1] < count && is_named(PyTuple_GET_ITEM(code->co_names, bytes[1]), names)) ||
           (bytes[1] / 2 < count &&
            is_named(PyTuple_GET_ITEM(code->co_names, bytes[1] / 2), names));
}

/// Whether the frame is in a call, without arguments, of a function that takes a lock, or that
/// releases it during a wait: the `try` that undoes it has not begun there. CPython checks when a C
/// function returns; on 3.10, when any function does.
HOLDFAST_DETAIL_COLD inline bool is_taking(const seen_instruction &seen,
                                           const PyCodeObject *code) noexcept {
    long at = seen.at();
    const auto go_back = [&] {
        do
            at -= 2;
        while (at > 0 && *seen.bytes(at) == 0);  // skip the inline cache of the instruction before
        return seen.bytes(at);
    };
    const unsigned char *before = at > 0 && seen.bytes(at)[1] == 0 ? go_back() : nullptr;
    for (int looks = 0; before != nullptr && looks < 2; ++looks) {
        if (loads_named(code, before, {"acquire", "_acquireLock", "_release_save"}))
            return true;
        before = before[1] == 0 ? go_back() : nullptr;  // 3.11 has an instruction in between
    }
    return false;
}
#endif

#if HOLDFAST_HAS_LOAD_SPECIAL
/// LOAD_SPECIAL's number, and its argument for __enter__. <opcode_ids.h> would define macros such
/// as CALL in the host's sources.
inline constexpr unsigned char load_special = HOLDFAST_HAS_LOAD_SPECIAL;
inline constexpr unsigned char load_special_enter = 0;

/// Whether the frame is in the instruction that calls __enter__ for a `with` block. Only that
/// instruction has the method's lookup before it.
HOLDFAST_DETAIL_COLD inline bool is_entering(const seen_instruction &seen) noexcept {
    const unsigned char *const before = seen.bytes(seen.at() - 2);
    return before != nullptr && before[0] == load_special && before[1] == load_special_enter;
}
#else
inline bool is_entering(const seen_instruction &) noexcept { return false; }
#endif

#if HOLDFAST_HAS_UNCOVERED_JUMP
/// Whether the function itself handles an exception that is raised in the instruction.
///
/// It reads the function's exception table: four numbers per entry, in pieces of six bits, the
/// highest first. One bit says that the number goes on, another that a new entry begins.
HOLDFAST_DETAIL_COLD inline bool is_handled(const PyCodeObject *code, long at) noexcept {
    const PyObject *const table = code->co_exceptiontable;
    const auto *next = reinterpret_cast<const unsigned char *>(PyBytes_AS_STRING(table));
    const auto *const end = next + PyBytes_GET_SIZE(table);
    const auto number = [&] {
        long value = 0;
        for (bool goes_on = true; goes_on && next != end; ++next) {
            value = value << 6 | (*next & 63);
            goes_on = (*next & 64) != 0;
        }
        return value;
    };
    while (next != end) {
        const long from = number() * 2;  // counted in instructions
        const long size = number() * 2;
        number();  // the handler
        number();  // the stack depth there
        if (from <= at && at < from + size)
            return true;
    }
    return false;
}

/// Whether the frame is in a loop's jump back and only the loop, not the jump, is covered by a
/// `try` or `with`: an exception there would bypass the handler or the __exit__.
HOLDFAST_DETAIL_COLD inline bool is_uncovered(const seen_instruction &seen,
                                              const PyCodeObject *code) noexcept {
    const unsigned char *bytes = seen.bytes(seen.at());
    if (bytes == nullptr || bytes[0] != HOLDFAST_HAS_UNCOVERED_JUMP || is_handled(code, seen.at()))
        return false;
    long distance = bytes[1];
    long shift = 8;
    for (long at = seen.at() - 2;
         at >= 0 && shift < 24 && *seen.bytes(at) == HOLDFAST_HAS_EXTENDED_ARG; at -= 2, shift += 8)
        distance |= static_cast<long>(seen.bytes(at)[1]) << shift;
    // From the end of the jump, including its two bytes of inline cache
    return is_handled(code, seen.at() + 4 - 2 * distance);
}
#else
inline bool is_uncovered(const seen_instruction &, const PyCodeObject *) noexcept { return false; }
#endif

/// Calls visit(frame, code) for each frame of a thread that cannot run, newest first, until visit
/// returns false.
template <class Visit>
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD void visit_frames(PyThreadState *state,
                                                                  Visit visit) noexcept {
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

/// Whether an exception could strand other threads because of where a thread is in its newest
/// frame, which is not importlib's.
HOLDFAST_DETAIL_COLD inline bool must_hold_off_at(PyFrameObject *frame, PyCodeObject *code,
                                                  bool patient) noexcept {
    const seen_instruction seen(frame, code);
    return is_entering(seen) ||
           (patient && (counts_a_lock(code) || is_taking(seen, code) || is_uncovered(seen, code)));
}

/// Whether an exception raised now in the thread of `state` could strand other threads. Attached,
/// while no other thread runs.
///
/// \param patient  whether to consider all code, and not only importlib._bootstrap.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool must_hold_off(PyThreadState *state,
                                                                          bool patient) noexcept {
    int depth = 0;
    bool hold_off = false;
    visit_frames(state, [&](PyFrameObject *frame, PyCodeObject *code) {
        const bool importing = is_import_system(code);
        if (importing)
            // depth != 0: importlib's function was called by a collection or a hook
            hold_off = depth == 0 || handles_import_lock(code);
        else if (depth == 0 && must_hold_off_at(frame, code, patient))
            hold_off = true;
        else if (patient)  // depth 1: contextlib's __enter__, which calls a generator
            hold_off = depth <= 1 && takes_or_gives_back(code);
        ++depth;
        return !hold_off && !importing;
    });
    return hold_off;
}

}  // namespace holdfast::detail
