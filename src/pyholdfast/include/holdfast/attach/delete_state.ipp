// holdfast/attach/delete_state.ipp: the bodies of delete_state.hpp.
#pragma once

#include <holdfast/attach/delete_state.hpp>

#include <cstring>

#include <holdfast/attach/deferred.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

#if HOLDFAST_HAS_STALE_DUMMY_THREADS
/// `threading` takes the thread that imports it for its main thread, and identifies it only by a
/// number. Once this state is deleted, `threading` considers that thread ended. If a thread with
/// the same number later ends the interpreter with another state, `threading` mistakes it for that
/// thread. It may be the same thread, if each attach uses a new state, or a later one.
HOLDFAST_DETAIL_RARE inline void forget_main_thread(PyObject *threading, PyObject *active,
                                                    PyObject *ident,
                                                    PyThreadState *state) noexcept {
    PyObject *const main = PyObject_GetAttrString(threading, "_main_thread");
    PyObject *const lock = main != nullptr ? PyObject_GetAttrString(main, "_tstate_lock") : nullptr;
    // A weak reference to the lock that the state's end releases.
    auto *const releases = static_cast<PyObject *>(state->on_delete_data);
    if (lock != nullptr && lock != Py_None && releases != nullptr && PyWeakref_Check(releases) &&
        PyWeakref_GetObject(releases) == lock) {
        PyObject_SetAttrString(main, "_ident", Py_None);
        if (PyDict_GetItemWithError(active, ident) == main)
            PyDict_DelItem(active, ident);
    }
    Py_XDECREF(lock);
    Py_XDECREF(main);
}

/// For a state that is deleted. `threading` keeps listing a thread that it did not start, once that
/// thread has asked for its Thread object.
HOLDFAST_DETAIL_RARE inline void forget_thread(PyThreadState *state,
                                               std::uint64_t of_thread) noexcept {
    PyObject *const module = loaded_module("threading");
    PyObject *const active =
        module != nullptr ? PyObject_GetAttrString(module, "_active") : nullptr;
    PyObject *const ident = PyLong_FromUnsignedLongLong(of_thread);
    if (active != nullptr && ident != nullptr && PyDict_Check(active)) {
        PyObject *const thread = PyDict_GetItemWithError(active, ident);  // borrowed
        if (thread != nullptr && std::strstr(Py_TYPE(thread)->tp_name, "_DummyThread") != nullptr)
            PyDict_DelItem(active, ident);
        PyErr_Clear();
        forget_main_thread(module, active, ident, state);
    }
    PyErr_Clear();
    Py_XDECREF(ident);
    Py_XDECREF(active);
    Py_XDECREF(module);
}
#endif

HOLDFAST_DETAIL_COLD_BODY void delete_attached_state(PyThreadState *state) noexcept {
    const cancellation_held_off until_detached;  // CPython waits for a lock in there
#if HOLDFAST_HAS_STALE_DUMMY_THREADS
    forget_thread(state, this_thread_ident());
#endif
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();  // detaches
}

HOLDFAST_DETAIL_COLD_BODY void delete_left_state(PyThreadState *state,
                                                 std::uint64_t of_thread) noexcept {
#if HOLDFAST_HAS_STALE_DUMMY_THREADS
    forget_thread(state, of_thread);
#else
    (void)of_thread;
#endif
    PyThreadState_Clear(state);
    PyThreadState_Delete(state);
}

HOLDFAST_DETAIL_COLD_BODY void delete_cached_states(interpreter_record &record) noexcept {
    PyThreadState *const own = PyThreadState_Get();
    // Destructors run and may call back into this thread, so take the next state only after this
    // one is gone.
    while (cached_note *const note = record.take_cached(nullptr)) {
        auto *const state = static_cast<PyThreadState *>(note->state);
        const std::uint64_t thread = note->thread;
        delete note;
        if (state != own)
            delete_left_state(state, thread);
    }
    if (has_drops(record))
        drop_now(record);  // states whose threads have ended
}

}  // namespace holdfast::detail
