// holdfast/python.hpp: CPython's header, and everything that differs between its versions.
//
// The only file that names <Python.h> and the only one with version numbers in #if: all
// others ask a HOLDFAST_HAS_... macro or call a function of this file.
#pragma once

#include <holdfast/platform/requirements.hpp>

#ifdef Py_LIMITED_API
#error "HF189 holdfast needs the whole C API of one CPython; do: compile without -DPy_LIMITED_API"
#endif

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
// Qt makes a macro of this word, and CPython a member.
#pragma push_macro("slots")
#undef slots
#include <Python.h>
#if PY_VERSION_HEX < 0x030B0000
#include <frameobject.h>  // PyFrame_GetBack(), which <Python.h> has from 3.11 on
#endif
#pragma pop_macro("slots")

#include <cstdint>

#include <unistd.h>

#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/thread_cancel.hpp>

#if PY_VERSION_HEX < 0x030A0000
#error "holdfast needs CPython 3.10 or later"
#endif
#if defined(PYPY_VERSION) || defined(GRAALVM_PYTHON)
#error "holdfast needs CPython: it keeps CPython thread states"
#endif

// The "current thread state" is per thread; before, it was the state of whoever holds the GIL.
#define HOLDFAST_HAS_CURRENT_STATE_PER_THREAD (PY_VERSION_HEX >= 0x030C0000)
// The PyGILState slot follows the last attach, and a state knows whether it fills its thread's
// slot.
#define HOLDFAST_HAS_MOVING_GILSTATE_SLOT (PY_VERSION_HEX >= 0x030C0000)
// Sub-interpreters can have a GIL of their own.
#define HOLDFAST_HAS_OWN_GIL (PY_VERSION_HEX >= 0x030C0000)
// C modules must come to the main interpreter first. 3.12 runs the initialisation of one that it
// then refuses in an interpreter with a GIL of its own; in 3.13, _datetime's types belong to the
// interpreter that was first, and the others' ends free what is not theirs. Both crash, much later.
#define HOLDFAST_NEEDS_C_MODULES_IN_MAIN \
    (HOLDFAST_HAS_OWN_GIL && !HOLDFAST_HAS_FREE_THREADING && PY_VERSION_HEX < 0x030E0000)
// An interpreter may be without any thread state between attaches. Up to 3.12 a sub-interpreter's
// first state must live as long as it; early 3.13 has a race where the last state goes as another
// comes.
#ifdef Py_GIL_DISABLED
#define HOLDFAST_HAS_DETACHED_SUBINTERPRETERS 1
#else
#define HOLDFAST_HAS_DETACHED_SUBINTERPRETERS (PY_VERSION_HEX >= 0x030E0000)
#endif
// `with` calls __enter__ by an ordinary CALL, after LOAD_SPECIAL; this is that one's number, and 0:
// there is none.
#define HOLDFAST_HAS_LOAD_SPECIAL \
    (PY_VERSION_HEX >= 0x030F0000 ? 94 : PY_VERSION_HEX >= 0x030E0000 ? 95 : 0)
// PyCode_GetCode() and PyFrame_GetLasti().
#define HOLDFAST_HAS_CODE_AND_LASTI (PY_VERSION_HEX >= 0x030B0000)
// The compiler leaves the jump back of a loop, which checks, out of the `try` or `with` that the
// loop is in; this is the number of JUMP_BACKWARD, and 0: it does not.
#define HOLDFAST_HAS_UNCOVERED_JUMP      \
    (PY_VERSION_HEX >= 0x030F0000   ? 0  \
     : PY_VERSION_HEX >= 0x030E0000 ? 75 \
     : PY_VERSION_HEX >= 0x030D0000 ? 77 \
                                    : 0)
#define HOLDFAST_HAS_EXTENDED_ARG \
    (PY_VERSION_HEX >= 0x030E0000 ? 69 : 71)  // its number where that one is not 0
// A check of the interpreter reads once what it has to handle, and lets others run in between: see
// eval_breaker.hpp.
#define HOLDFAST_HAS_CHECK_THAT_READS_ONCE \
    (PY_VERSION_HEX >= 0x030D0000 && !HOLDFAST_HAS_FREE_THREADING)
// PyErr_GetRaisedException() and its pair.
#define HOLDFAST_HAS_RAISED_EXCEPTION (PY_VERSION_HEX >= 0x030C0000)
// PyThreadState_GetUnchecked() is public.
#define HOLDFAST_HAS_PUBLIC_UNCHECKED_STATE (PY_VERSION_HEX >= 0x030D0000)
// CPython's own module of sub-interpreters runs code in whichever state of an interpreter is its
// newest.
#define HOLDFAST_HAS_STRANGE_USERS_OF_STATES (PY_VERSION_HEX < 0x030D0000)
// Py_IsFinalizing() is public.
#define HOLDFAST_HAS_IS_FINALIZING (PY_VERSION_HEX >= 0x030D0000)
// A dead foreign thread leaves its dummy Thread object listed in `threading`.
#define HOLDFAST_HAS_STALE_DUMMY_THREADS (PY_VERSION_HEX < 0x030D0000)
// `threading` takes the thread that imports it first for the main thread.
#define HOLDFAST_HAS_MAIN_THREAD_BY_IMPORT (PY_VERSION_HEX < 0x030D0000)
// A state outlives its interpreter if its thread does, marked as shutting down.
#define HOLDFAST_HAS_COUNTED_STATES (PY_VERSION_HEX >= 0x030E0000)
// PEP 741: PyInitConfig.
#define HOLDFAST_HAS_INIT_CONFIG (PY_VERSION_HEX >= 0x030E0000)
// PEP 788: interpreter views and guards, PyThreadState_EnsureFromView().
#define HOLDFAST_HAS_PEP_788 (PY_VERSION_HEX >= 0x030F0000)
// What Py_SetPath(NULL) did, which is not declared any more from 3.13 on, has a name of its own.
#define HOLDFAST_HAS_CLEAR_PATHS (PY_VERSION_HEX >= 0x030B0000)
// PyThreadState_New() crashes where there is no memory for it.
#define HOLDFAST_HAS_CRASHING_STATE_NEW \
    (PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000)
// A fork does not wait for threads that are making a thread state: the child finds the list of
// states half-linked, or its lock held by nobody, and up to 3.11 hangs. (Late releases of 3.10 and
// 3.11 do not hang.)
#define HOLDFAST_HAS_FORK_WITHOUT_HEAD_LOCK (PY_VERSION_HEX < 0x030D0000)
#ifdef Py_GIL_DISABLED
#define HOLDFAST_HAS_FREE_THREADING 1
#else
#define HOLDFAST_HAS_FREE_THREADING 0
#endif

// Whether the calling thread is the one that CPython takes for its main thread. Declared by
// internal headers only.
extern "C" __attribute__((weak)) int _PyOS_IsMainThread(void);
#if HOLDFAST_HAS_CLEAR_PATHS
// Declared by internal headers only
extern "C" __attribute__((weak)) void _PyPathConfig_ClearGlobal(void);
#endif

namespace holdfast::detail {

/// CPython's current thread state: this thread's, or with HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
/// unset, that of whichever thread holds the GIL. Equality with a state of this thread means
/// "attached with it" on every version.
inline PyThreadState *unchecked_state() noexcept {
#if HOLDFAST_HAS_PUBLIC_UNCHECKED_STATE
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

/// Before Python is started again in this process. CPython keeps the paths that one start worked
/// out, and goes by them at the next: 3.10 by the whole search path, 3.14 and 3.15 by an
/// environment's prefix.
inline void forget_paths() noexcept {
#if HOLDFAST_HAS_CLEAR_PATHS
    if (&_PyPathConfig_ClearGlobal != nullptr)
        _PyPathConfig_ClearGlobal();
#else
    Py_SetPath(nullptr);
#endif
}

/// Whether CPython takes the calling thread for its main thread; false if that cannot be known.
inline bool is_python_main_thread() noexcept {
    return &_PyOS_IsMainThread != nullptr && _PyOS_IsMainThread() != 0;
}

HOLDFAST_DETAIL_COLD inline PyThreadState *save_held_off() noexcept {
    const cancellation_held_off waiting;
    return PyEval_SaveThread();
}

/// Detaches. CPython waits there for another thread to take over, if one has asked for the GIL.
inline PyThreadState *save_uncancelled() noexcept {
    if (__builtin_expect(threads_may_be_cancelled(), 0) != 0)
        return save_held_off();
    return PyEval_SaveThread();
}

/// Attaches with a state of this thread. If Python has been finalized meanwhile by somebody who did
/// not wait for this thread, older versions unwind it by force, which would end the process in a
/// destructor; it hangs instead, as CPython itself does from 3.14 on.
inline void restore_not_unwound(PyThreadState *state) noexcept {
    try {
        PyEval_RestoreThread(state);
    } catch (...) {  // never left: a forced unwinding that is not passed on ends the process
        for (;;)
            pause();
    }
}

HOLDFAST_DETAIL_COLD inline void restore_held_off(PyThreadState *state) noexcept {
    const cancellation_held_off waiting;
    restore_not_unwound(state);
}

/// restore_not_unwound(), which a cancellation of this thread does not interrupt either.
inline void restore_or_hang(PyThreadState *state) noexcept {
    if (__builtin_expect(threads_may_be_cancelled(), 0) != 0)
        restore_held_off(state);
    else
        restore_not_unwound(state);
}

/// Whether the calling thread is attached with `state`, a live state of its own.
inline bool is_attached_with(const void *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    return static_cast<const PyThreadState *>(state)->_status.active != 0;
#else
    return unchecked_state() == state;
#endif
}

/// True if the thread's PyGILState slot holds `state`, which is a live state of this thread.
inline bool fills_gilstate_slot(const PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    return state->_status.bound_gilstate != 0;
#else
    (void)state;  // the first state of a thread keeps the slot until it is deleted
    return true;
#endif
}

/// True if the calling thread is detached and `state`, a live state of its own, fills its slot.
inline bool is_idle_in_slot(const PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    // Had another state been attached since, the slot would be that one's.
    return fills_gilstate_slot(state) && state->_status.active == 0;
#else
    return unchecked_state() != state;  // whoever attaches this thread finds the slot's state
#endif
}

/// True for a state whose interpreter is gone. It may be looked at, never attached.
inline bool is_leftover(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_COUNTED_STATES
    // What the interpreter's end leaves in the states of threads that go on
    // (_Py_THREAD_SHUTTING_DOWN).
    constexpr int shutting_down = 3;
    return __atomic_load_n(&state->state, __ATOMIC_ACQUIRE) == shutting_down;
#else
    (void)state;  // the slot itself does not survive finalization
    return false;
#endif
}

inline bool has_error(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_RAISED_EXCEPTION
    return state->current_exception != nullptr;
#else
    return state->curexc_type != nullptr;
#endif
}

inline bool has_async_exception(PyThreadState *state) noexcept {
    return __atomic_load_n(&state->async_exc, __ATOMIC_RELAXED) != nullptr;
}

/// The kernel's id of a state's thread, or 0 where CPython does not keep it.
inline std::uint64_t native_id_of(const PyThreadState *state) noexcept {
#if PY_VERSION_HEX >= 0x030B0000
    return static_cast<std::uint64_t>(state->native_thread_id);
#else
    (void)state;
    return 0;
#endif
}

#if PY_VERSION_HEX >= 0x030D0000
/// What PyThreadState_SetAsyncExc() does for the newest state that names a thread, for this one.
/// null: takes back what is set. The function also takes the lock over the list of states, which is
/// held where all threads have been stopped.
inline void exchange_async_exception(PyThreadState *state, PyObject *type) noexcept {
    constexpr unsigned asynchronous_exception = 1U << 3;  // _PY_ASYNC_EXCEPTION_BIT
    Py_XINCREF(type);
    PyObject *const before = __atomic_exchange_n(&state->async_exc, type, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&state->eval_breaker, asynchronous_exception, __ATOMIC_SEQ_CST);
    Py_XDECREF(before);
}
#endif

/// What PyThreadState_SetAsyncExc() does, for a state that is known: the function takes the newest
/// that names the thread. Attached, while no other thread runs.
inline void set_async_exception(PyThreadState *state, PyObject *type) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    exchange_async_exception(state, type);
#else
    // Up to 3.11 the newest may be one of a thread that this one is starting. So the function is
    // called for our own, to tell the interpreter, and what it has put there is moved.
    PyThreadState *taken = PyInterpreterState_ThreadHead(state->interp);
    const unsigned long own = PyThreadState_Get()->thread_id;
    while (taken->thread_id != own)
        taken = PyThreadState_Next(taken);
    PyObject *const aside = taken->async_exc;
    taken->async_exc = nullptr;
    PyThreadState_SetAsyncExc(own, type);
    PyObject *const note = taken->async_exc;
    taken->async_exc = aside;
    PyObject *const before = state->async_exc;
    state->async_exc = note;
    Py_XDECREF(before);
#endif
}

inline bool is_finalizing() noexcept {
#if HOLDFAST_HAS_IS_FINALIZING
    return Py_IsFinalizing() != 0;
#else
    return _Py_IsFinalizing() != 0;
#endif
}

/// A module that has been imported, as a new reference; null if it has not been. An error may be
/// set then. Attached.
inline PyObject *loaded_module(const char *name) noexcept {
    PyObject *const key = PyUnicode_FromString(name);
    PyObject *const module = key != nullptr ? PyImport_GetModule(key) : nullptr;
    Py_XDECREF(key);
    return module;
}

/// Holds the current exception aside, attached, for code that must not disturb it.
class saved_error {
public:
    saved_error() noexcept {
#if HOLDFAST_HAS_RAISED_EXCEPTION
        value_ = PyErr_GetRaisedException();
#else
        PyErr_Fetch(&type_, &value_, &traceback_);
#endif
    }
    saved_error(const saved_error &) = delete;
    saved_error &operator=(const saved_error &) = delete;
    ~saved_error() {
#if HOLDFAST_HAS_RAISED_EXCEPTION
        PyErr_SetRaisedException(value_);
#else
        PyErr_Restore(type_, value_, traceback_);
#endif
    }

private:
    PyObject *value_ = nullptr;
#if !HOLDFAST_HAS_RAISED_EXCEPTION
    PyObject *type_ = nullptr;
    PyObject *traceback_ = nullptr;
#endif
};

#if PY_VERSION_HEX < 0x030D0000
/// Runs one expression, in which the calling thread meets the asynchronous exception that is aimed
/// at it. What else comes up there is not lost: Ctrl-C is asked for again, another exception is
/// reported as unraisable.
HOLDFAST_DETAIL_COLD inline void meet_async_exception(PyThreadState *state) noexcept {
    const saved_error aside;
    PyObject *const code = Py_CompileString("None", "<holdfast>", Py_eval_input);
    PyObject *const names = PyDict_New();
    bool ctrl_c = false;
    ++state->tracing;  // a tracer must neither see the expression nor be hit itself
    for (int attempt = 0;
         attempt < 3 && code != nullptr && names != nullptr && has_async_exception(state);
         ++attempt) {
        Py_XDECREF(PyEval_EvalCode(code, names, names));
        if (!has_error(state) || !has_async_exception(state))
            continue;
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) != 0)  // a signal's handler came first
            ctrl_c = true;
        else
            PyErr_WriteUnraisable(nullptr);
        PyErr_Clear();
    }
    --state->tracing;
    PyErr_Clear();
    Py_XDECREF(names);
    Py_XDECREF(code);
    if (ctrl_c)
        PyErr_SetInterrupt();
}
#endif

/// Takes back an asynchronous exception that the calling thread has not met. Attached by `state`.
///
/// Up to 3.12 an interpreter notes that one is to be looked for, also if
/// PyThreadState_SetAsyncExc() takes one back, and forgets it only where a thread meets one. Till
/// then all checks of all threads go the long way, and on 3.11 a traced function never gets past
/// its first check. So there the thread meets it, in code of our own.
HOLDFAST_DETAIL_COLD inline void discard_async_exception(PyThreadState *state) noexcept {
#if PY_VERSION_HEX < 0x030D0000
    meet_async_exception(state);
    if (has_async_exception(state))
        PyThreadState_SetAsyncExc(state->thread_id, nullptr);
#else
    exchange_async_exception(state, nullptr);
#endif
}

/// What this translation unit was compiled for; built_for.hpp compares it with what it runs on.
constexpr std::uint32_t compiled_version_hex = PY_VERSION_HEX;
#ifdef Py_DEBUG
constexpr bool compiled_for_debug = true;
#else
constexpr bool compiled_for_debug = false;
#endif
constexpr bool compiled_for_free_threading = HOLDFAST_HAS_FREE_THREADING != 0;

}  // namespace holdfast::detail
