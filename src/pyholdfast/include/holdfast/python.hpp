// holdfast/python.hpp: CPython's header, and what each of its versions has.
//
// Only this file includes <Python.h> and compares version numbers in #if. All other files test a
// HOLDFAST_HAS_... macro or call a function of this file. Behind such a macro, four files read
// fields of PyThreadState that are not documented: attach/gilstate_slot.ipp,
// attach/delete_state.ipp, attach/state_of_this_thread.ipp, interrupts/exception_delivery.hpp. A
// new version of CPython may change what they find.
#pragma once

#include <holdfast/annotations.hpp>
#include <holdfast/platform/requirements.hpp>

#ifdef Py_LIMITED_API
#error "HF189 holdfast needs the whole C API of one CPython; do: compile without -DPy_LIMITED_API"
#endif

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
// Qt defines this word as a macro; CPython uses it as a member name.
#pragma push_macro("slots")
#undef slots
#include <Python.h>
#if PY_VERSION_HEX < 0x030B0000
#include <frameobject.h>  // PyFrame_GetBack(), which <Python.h> has from 3.11 on
#endif
#pragma pop_macro("slots")

#include <cstdint>

#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/platform/thread_cancel.hpp>

#if PY_VERSION_HEX < 0x030A0000
#error "holdfast needs CPython 3.10 or later"
#endif
#if defined(PYPY_VERSION) || defined(GRAALVM_PYTHON)
#error "holdfast needs CPython: it keeps CPython thread states"
#endif

// The "current thread state" is per thread; before 3.12 it is the state of the thread that holds
// the GIL.
#define HOLDFAST_HAS_CURRENT_STATE_PER_THREAD (PY_VERSION_HEX >= 0x030C0000)
// The PyGILState slot follows the last attach, and a state knows whether it fills its thread's
// slot.
#define HOLDFAST_HAS_MOVING_GILSTATE_SLOT (PY_VERSION_HEX >= 0x030C0000)
// Sub-interpreters can have a GIL of their own.
#define HOLDFAST_HAS_OWN_GIL (PY_VERSION_HEX >= 0x030C0000)
// _interpreters.get_config() says of each interpreter whose GIL it uses.
#define HOLDFAST_SAYS_WHOSE_GIL (PY_VERSION_HEX >= 0x030D0000)
// The main interpreter must be the first to load a C module. 3.12 runs a module's initialisation
// and then refuses the module in an interpreter with its own GIL. In 3.13, _datetime's types belong
// to the first interpreter, and when another one ends it frees them. Both crash much later.
#define HOLDFAST_NEEDS_C_MODULES_IN_MAIN \
    (HOLDFAST_HAS_OWN_GIL && !HOLDFAST_HAS_FREE_THREADING && PY_VERSION_HEX < 0x030E0000)
// The same after each restart of Python.
#define HOLDFAST_IMPORTS_C_MODULES_AGAIN (PY_VERSION_HEX >= 0x030D0000)
// An interpreter may have no thread state at all between attaches. Up to 3.12 a sub-interpreter's
// first state must live as long as the sub-interpreter; early 3.13 has a race when the last state
// is deleted while another is created.
#ifdef Py_GIL_DISABLED
#define HOLDFAST_HAS_DETACHED_SUBINTERPRETERS 1
#else
#define HOLDFAST_HAS_DETACHED_SUBINTERPRETERS (PY_VERSION_HEX >= 0x030E0000)
#endif
// Since 3.14 `with` calls __enter__ with an ordinary CALL after LOAD_SPECIAL. This is
// LOAD_SPECIAL's number; 0: this version has none.
#define HOLDFAST_HAS_LOAD_SPECIAL \
    (PY_VERSION_HEX >= 0x030F0000 ? 94 : PY_VERSION_HEX >= 0x030E0000 ? 95 : 0)
// Where a thread state keeps its innermost frame: `frame`, since 3.11 `cframe->current_frame`, since
// 3.13 `current_frame`. Since 3.15 that is never null: the outermost is `base_frame`, of no code.
#define HOLDFAST_HAS_CFRAME (PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030D0000)
#define HOLDFAST_HAS_CURRENT_FRAME (PY_VERSION_HEX >= 0x030D0000)
#define HOLDFAST_HAS_BASE_FRAME (PY_VERSION_HEX >= 0x030F0000)
// PyCode_GetCode() and PyFrame_GetLasti().
#define HOLDFAST_HAS_CODE_AND_LASTI (PY_VERSION_HEX >= 0x030B0000)
// The compiler leaves a loop's jump back, which checks, outside the `try` or `with` that contains
// the loop. This is the number of JUMP_BACKWARD; 0: the compiler does not do that.
#define HOLDFAST_HAS_UNCOVERED_JUMP      \
    (PY_VERSION_HEX >= 0x030F0000   ? 0  \
     : PY_VERSION_HEX >= 0x030E0000 ? 75 \
     : PY_VERSION_HEX >= 0x030D0000 ? 77 \
                                    : 0)
#define HOLDFAST_HAS_EXTENDED_ARG \
    (PY_VERSION_HEX >= 0x030E0000 ? 69 : 71)  // its number where JUMP_BACKWARD's is not 0
// The eval loop's check reads its pending work once, and lets other threads run in between; see
// exception_delivery.hpp.
#define HOLDFAST_HAS_CHECK_THAT_READS_ONCE \
    (PY_VERSION_HEX >= 0x030D0000 && !HOLDFAST_HAS_FREE_THREADING)
// PyUnstable_Long_IsCompact() and PyUnstable_Long_CompactValue().
#define HOLDFAST_HAS_COMPACT_INTS (PY_VERSION_HEX >= 0x030C0000)
// PyErr_GetRaisedException() and its pair.
#define HOLDFAST_HAS_RAISED_EXCEPTION (PY_VERSION_HEX >= 0x030C0000)
// PyThreadState_GetUnchecked() is public.
#define HOLDFAST_HAS_PUBLIC_UNCHECKED_STATE (PY_VERSION_HEX >= 0x030D0000)
// CPython's own sub-interpreter module runs code in the newest state of an interpreter, whoever
// made that state.
#define HOLDFAST_HAS_STRANGE_USERS_OF_STATES (PY_VERSION_HEX < 0x030D0000)
// A thread looks for an asynchronous exception by a bit in its own state, not in the interpreter's.
#define HOLDFAST_HAS_ASYNC_EXCEPTION_BIT (PY_VERSION_HEX >= 0x030D0000)
// Py_IsFinalizing() is public.
#define HOLDFAST_HAS_IS_FINALIZING (PY_VERSION_HEX >= 0x030D0000)
// A foreign thread that has ended leaves its dummy Thread object in `threading`.
#define HOLDFAST_HAS_STALE_DUMMY_THREADS (PY_VERSION_HEX < 0x030D0000)
// `threading` treats the thread that first imports it as the main thread.
#define HOLDFAST_HAS_MAIN_THREAD_BY_IMPORT (PY_VERSION_HEX < 0x030D0000)
// A state outlives its interpreter if its thread does; it is then marked as shutting down.
#define HOLDFAST_HAS_COUNTED_STATES (PY_VERSION_HEX >= 0x030E0000)
// PEP 741: PyInitConfig.
#define HOLDFAST_HAS_INIT_CONFIG (PY_VERSION_HEX >= 0x030E0000)
// PEP 788: interpreter views and guards, PyThreadState_EnsureFromView().
#define HOLDFAST_HAS_PEP_788 (PY_VERSION_HEX >= 0x030F0000)
// There is a function that does what Py_SetPath(NULL) did, which 3.13 no longer declares.
#define HOLDFAST_HAS_CLEAR_PATHS (PY_VERSION_HEX >= 0x030B0000)
// PyThreadState_New() crashes if memory runs out.
#define HOLDFAST_HAS_CRASHING_STATE_NEW \
    (PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000)
// A fork does not wait for threads that are creating a thread state. In the child the list of
// states may be half-linked, or its lock may be held by a thread that is not there; up to 3.11 the
// child then hangs. (Late releases of 3.10 and 3.11 do not hang.)
#define HOLDFAST_HAS_FORK_WITHOUT_HEAD_LOCK (PY_VERSION_HEX < 0x030D0000)
#ifdef Py_GIL_DISABLED
#define HOLDFAST_HAS_FREE_THREADING 1
#else
#define HOLDFAST_HAS_FREE_THREADING 0
#endif

// A thread can be asked to release the GIL by a bit in its state, and every thread of an interpreter
// makes pending calls.
#define HOLDFAST_HAS_GIVING_WAY \
    (PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x03100000 && !HOLDFAST_HAS_FREE_THREADING)

#if defined(__ELF__)
// Only internal headers declare these: whether CPython considers the calling thread its main thread,
// what Py_SetPath(NULL) did, and Py_AddPendingCall() for any thread.
extern "C" __attribute__((weak)) int _PyOS_IsMainThread(void);
#if HOLDFAST_HAS_CLEAR_PATHS
extern "C" __attribute__((weak)) void _PyPathConfig_ClearGlobal(void);
#endif
#if HOLDFAST_HAS_GIVING_WAY
extern "C" __attribute__((weak)) int _PyEval_AddPendingCall(PyInterpreterState *, int (*)(void *),
                                                            void *, int);
#endif
#if !HOLDFAST_HAS_PUBLIC_UNCHECKED_STATE
// _PyThreadState_UncheckedGet(), declared as a function that changes nothing: a nested guard then
// keeps what it has in registers, and calls it without a detour. Whether it returns a state of the
// calling thread changes only in that thread's own calls of CPython, and the compiler asks again
// after each call.
#if defined(__clang__)
#define HOLDFAST_DETAIL_NO_PLT
#else
#define HOLDFAST_DETAIL_NO_PLT __attribute__((noplt))
#endif
extern "C" HOLDFAST_DETAIL_NO_PLT __attribute__((pure))
PyThreadState *holdfast_unchecked_state(void) noexcept __asm__("_PyThreadState_UncheckedGet");
#endif
#endif

namespace holdfast::detail {

/// CPython's current thread state: this thread's or, if HOLDFAST_HAS_CURRENT_STATE_PER_THREAD is
/// unset, that of the thread that holds the GIL. If it equals a state of this thread, then on every
/// version the thread is attached with that state.
inline PyThreadState *unchecked_state() noexcept {
#if HOLDFAST_HAS_PUBLIC_UNCHECKED_STATE
    return PyThreadState_GetUnchecked();
#elif defined(__ELF__)
    return holdfast_unchecked_state();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

/// PyThreadState_GetInterpreter() without a call.
inline PyInterpreterState *interpreter_of(const PyThreadState *state) noexcept {
    return state->interp;
}

/// Called before Python starts again in this process. CPython keeps the paths that one start
/// computed and reuses them at the next: 3.10 the whole search path, 3.14 and 3.15 an environment's
/// prefix.
inline void forget_paths() noexcept {
#if HOLDFAST_HAS_CLEAR_PATHS && defined(__ELF__)
    if (&_PyPathConfig_ClearGlobal != nullptr)
        _PyPathConfig_ClearGlobal();
#elif HOLDFAST_HAS_CLEAR_PATHS
    if (auto *const clear =
            reinterpret_cast<void (*)()>(find_exported("_PyPathConfig_ClearGlobal")))
        clear();
#else
    Py_SetPath(nullptr);
#endif
}

/// Whether CPython considers the calling thread its main thread; false if that is unknown.
inline bool is_python_main_thread() noexcept {
#if defined(__ELF__)
    return &_PyOS_IsMainThread != nullptr && _PyOS_IsMainThread() != 0;
#else
    auto *const ask = reinterpret_cast<int (*)()>(find_exported("_PyOS_IsMainThread"));
    return ask != nullptr && ask() != 0;
#endif
}

HOLDFAST_DETAIL_COLD inline PyThreadState *save_held_off() noexcept {
    const cancellation_held_off waiting;
    return PyEval_SaveThread();
}

/// Detaches. If another thread has asked for the GIL, CPython waits here until it has taken over.
HOLDFAST_DETAIL_INLINE PyThreadState *save_uncancelled() noexcept {
    if (__builtin_expect(threads_may_be_cancelled(), 0) != 0)
        return save_held_off();
    return PyEval_SaveThread();
}

/// Attaches with a state of this thread. If other code has finalized Python without waiting for
/// this thread, older versions unwind the thread by force, and in a destructor that would end the
/// process. Here the thread hangs instead, as CPython itself does since 3.14.
HOLDFAST_DETAIL_INLINE void restore_not_unwound(PyThreadState *state) noexcept {
    try {
        PyEval_RestoreThread(state);
    } catch (...) {  // never leaves: swallowing a forced unwind ends the process
        stop_this_thread();
    }
}

HOLDFAST_DETAIL_COLD inline void restore_held_off(PyThreadState *state) noexcept {
    const cancellation_held_off waiting;
    restore_not_unwound(state);
}

/// restore_not_unwound(), protected from a cancellation of this thread as well.
HOLDFAST_DETAIL_INLINE void restore_or_hang(PyThreadState *state) noexcept {
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
    // If another state had been attached since, it would fill the slot.
    return fills_gilstate_slot(state) && state->_status.active == 0;
#else
    return unchecked_state() != state;  // an attach by PyGILState_Ensure() finds the slot's state
#endif
}

/// For a state that will be deleted by another thread: it no longer counts as the one in its thread's
/// slot. On the state's own thread, which is ending.
inline void leave_gilstate_slot(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_MOVING_GILSTATE_SLOT
    state->_status.bound_gilstate = 0;
#else
    (void)state;  // CPython compares it with the slot of the thread that deletes it
#endif
}

/// True for a state whose interpreter is gone. It may be read, but never attached.
inline bool is_leftover(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_COUNTED_STATES
    // The interpreter's end sets this in the states of threads that go on
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

#if HOLDFAST_HAS_ASYNC_EXCEPTION_BIT
inline constexpr std::uintptr_t async_exception_bit = 1U << 3;  // _PY_ASYNC_EXCEPTION_BIT

/// Does for this state what PyThreadState_SetAsyncExc() does for the newest state of a thread. A
/// null type takes back an exception that is set. PyThreadState_SetAsyncExc() also takes the lock
/// of the list of states, which is already held while all threads are stopped.
inline void exchange_async_exception(PyThreadState *state, PyObject *type) noexcept {
    Py_XINCREF(type);
    PyObject *const before = __atomic_exchange_n(&state->async_exc, type, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&state->eval_breaker, async_exception_bit, __ATOMIC_SEQ_CST);
    Py_XDECREF(before);
}
#endif

#if HOLDFAST_HAS_GIVING_WAY
inline constexpr std::uintptr_t gil_drop_request_bit = 1U << 0;  // _PY_GIL_DROP_REQUEST_BIT

/// Asks the calling thread to release the GIL when it next looks, as another thread does that has
/// waited for a switch interval. It then waits until another thread has taken the GIL. Attached with
/// `state`.
HOLDFAST_REQUIRES_ATTACHED inline void ask_to_release_gil(PyThreadState *state) noexcept {
    __atomic_fetch_or(&state->eval_breaker, gil_drop_request_bit, __ATOMIC_RELAXED);
}
inline bool is_asked_to_release_gil(const PyThreadState *state) noexcept {
    return (__atomic_load_n(&state->eval_breaker, __ATOMIC_RELAXED) & gil_drop_request_bit) != 0;
}

/// Queues a call that is made attached, in any thread of the interpreter that executes bytecode.
/// From any thread, attached or not, while the interpreter lives. False: it is not queued.
inline bool queue_in_any_thread(PyInterpreterState *interpreter, int (*call)(void *),
                                void *argument) noexcept {
    constexpr int no_flags = 0;
#if defined(__ELF__)
    auto *const queue = &_PyEval_AddPendingCall;
#else
    auto *const queue =
        reinterpret_cast<int (*)(PyInterpreterState *, int (*)(void *), void *, int)>(
            find_exported("_PyEval_AddPendingCall"));
#endif
    return queue != nullptr && queue(interpreter, call, argument, no_flags) == 0;
}
#endif

/// Does for a given state what PyThreadState_SetAsyncExc() does for the newest state of a thread.
/// Call it attached, while no other thread runs.
inline void set_async_exception(PyThreadState *state, PyObject *type) noexcept {
#if HOLDFAST_HAS_ASYNC_EXCEPTION_BIT
    exchange_async_exception(state, type);
#else
    // Up to 3.11 the newest state may belong to a thread that this one is starting. So we call the
    // function for our own thread, which notifies the interpreter, and then move the exception that
    // it stored.
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

/// A new reference to a module that has been imported; null if it has not been. An error may be set
/// then.
HOLDFAST_REQUIRES_ATTACHED inline PyObject *loaded_module(const char *name) noexcept {
    PyObject *const key = PyUnicode_FromString(name);
    PyObject *const module = key != nullptr ? PyImport_GetModule(key) : nullptr;
    Py_XDECREF(key);
    return module;
}

/// Sets the current exception aside, attached, for code that must not disturb it.
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
/// Runs one expression in which the calling thread receives the asynchronous exception aimed at it.
/// Nothing else that comes up there is lost: Ctrl-C is requested again, and another exception is
/// reported as unraisable.
HOLDFAST_DETAIL_COLD inline void meet_async_exception(PyThreadState *state) noexcept {
    const saved_error aside;
    PyObject *const code = Py_CompileString("None", "<holdfast>", Py_eval_input);
    PyObject *const names = PyDict_New();
    bool ctrl_c = false;
    ++state->tracing;  // a trace function must neither see the expression nor receive the exception
    for (int attempt = 0;
         attempt < 3 && code != nullptr && names != nullptr && has_async_exception(state);
         ++attempt) {
        Py_XDECREF(PyEval_EvalCode(code, names, names));
        if (!has_error(state) || !has_async_exception(state))
            continue;
        if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) != 0)  // a signal handler ran first
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

/// Takes back an asynchronous exception that the calling thread has not received. Attached with
/// `state`.
///
/// Up to 3.12 PyThreadState_SetAsyncExc() makes the interpreter look for such an exception, even if
/// the call takes one back, and the interpreter stops looking only once a thread receives one.
/// Until then every check of every thread takes the slow path, and on 3.11 a traced function never
/// gets past its first check. So on these versions the thread receives the exception, in code of
/// our own. That code may wait for the GIL and report another exception, and a thread cannot unwind
/// out of here.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void discard_async_exception(
    PyThreadState *state) noexcept {
    const cancellation_held_off until_discarded;
#if PY_VERSION_HEX < 0x030D0000
    meet_async_exception(state);
    if (has_async_exception(state))
        PyThreadState_SetAsyncExc(state->thread_id, nullptr);
#else
    exchange_async_exception(state, nullptr);
#endif
}

/// What this translation unit was compiled for; built_for.hpp compares it with the running Python.
constexpr std::uint32_t compiled_version_hex = PY_VERSION_HEX;
#ifdef Py_DEBUG
constexpr bool compiled_for_debug = true;
#else
constexpr bool compiled_for_debug = false;
#endif
constexpr bool compiled_for_free_threading = HOLDFAST_HAS_FREE_THREADING != 0;

}  // namespace holdfast::detail
