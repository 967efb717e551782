// holdfast/interrupts/async_raise.hpp: raises an exception in another thread, at a safe place.
//
// CPython raises an asynchronous exception at the thread's next check, whatever Python code the
// thread is running. Two kinds of code do not survive that. importlib._bootstrap takes a module's
// lock and passes it on in Python code: a thread that is stopped halfway keeps the lock, or another
// thread's wake-up, and every thread that imports that module waits for ever. And a Python function
// that enters or leaves a `with` block, or finalizes an object, keeps what it should give back if
// it is stopped in the middle.
//
// So the raising thread looks first, while the other thread cannot run. CPython handles a request
// for the GIL, a request to stop and an asynchronous exception at the same check, so a thread that
// runs Python gets the exception where it was seen. From 3.13 on this holds only if the thread was
// asked before (exception_delivery.hpp); otherwise the exception comes at the next check, which was not
// examined (docs/explanation/limits.md). A thread that is blocked in C was seen in the frame that
// called the C function. That frame checks when the function returns, unless the function fails:
// then the exception comes later, in the worst case at the beginning of the code that would release
// the module's lock. release_import_locks() repairs that.
//
// safe_place.hpp knows the places, and two more.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>

#include <holdfast/annotations.hpp>
#include <holdfast/interrupts/exception_delivery.hpp>
#include <holdfast/interrupts/others_stopped.hpp>
#include <holdfast/interrupts/safe_place.hpp>
#include <holdfast/platform/attributes.hpp>

namespace holdfast::detail {

inline constexpr const char *interrupted_name = "holdfast.Interrupted";

/// `elsewhere`: the thread is not where it will check next; try again at once.
enum class raise_outcome : unsigned char { raised, held_off, elsewhere, no_such_thread };

/// How long a thread can hold off an exception by running its own __enter__, __exit__ or __del__.
/// There is no such limit in importlib._bootstrap, which ends by itself, or in a call of an
/// __enter__ that is written in C.
inline constexpr int held_off_at_most_ms = 1000;

/// One attempt to raise `type` in the thread `ident` of the current interpreter. Attached.
///
/// The exception takes the place of a pending one, unless that is of a class derived from `type`:
/// then the thread is already being interrupted for a reason that must not get lost.
class raise_attempt {
public:
    /// \param withdrawn  null, or set once the exception is not wanted any more. It is read while
    ///     no other thread runs. Whoever sets it and then looks through the threads, in such a
    ///     moment of their own, either finds the exception there or it is never raised.
    raise_attempt(std::uint64_t ident, PyObject *type, bool patient, asked_check &asked,
                  const std::atomic<bool> *withdrawn = nullptr) noexcept
        : ident_(static_cast<unsigned long>(ident)),
          type_(type),
          patient_(patient),
          asked_(asked),
          withdrawn_(withdrawn) {
        while_others_are_stopped([this] { look_and_raise(); });
    }
    raise_attempt(const raise_attempt &) = delete;
    raise_attempt &operator=(const raise_attempt &) = delete;

    [[nodiscard]] raise_outcome outcome() const noexcept { return outcome_; }

private:
    void look_and_raise() noexcept {
        if (withdrawn_ != nullptr && withdrawn_->load(std::memory_order_acquire)) {
            ask_no_more(asked_);
            return;
        }
        PyThreadState *const state = find_state();
        if (state == nullptr)
            return;
        const seen_at at = where_it_is(asked_, state);
        if (patient_ && at != seen_at::its_check)
            outcome_ =
                at == seen_at::elsewhere ? raise_outcome::elsewhere : raise_outcome::held_off;
        else
            outcome_ =
                must_hold_off(state, patient_) ? raise_outcome::held_off : raise_outcome::raised;
        if (outcome_ == raise_outcome::raised)
            set_async_exception(state, is_pending_derived(state) ? state->async_exc : type_);
    }

    [[nodiscard]] bool is_pending_derived(const PyThreadState *state) const noexcept {
        PyObject *const pending = state->async_exc;  // of a thread that does not run now
        return pending != nullptr && PyType_Check(pending) != 0 &&
               reinterpret_cast<PyTypeObject *>(pending)->tp_base ==
                   reinterpret_cast<PyTypeObject *>(type_);
    }

    /// The thread's newest state in which Python code runs; if there is none, its oldest. Up to
    /// 3.11 a thread that is being started has the ident of the thread that starts it, until it
    /// runs.
    [[nodiscard]] PyThreadState *find_state() const noexcept {
        PyThreadState *found = nullptr;
        for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
             state != nullptr; state = PyThreadState_Next(state)) {
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
    const std::atomic<bool> *withdrawn_;
    raise_outcome outcome_ = raise_outcome::no_such_thread;
};

/// Whether the calling thread is in the middle of an import.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline bool is_importing() noexcept {
    bool importing = false;
    visit_frames(PyThreadState_Get(), [&](PyFrameObject *, PyCodeObject *code) {
        importing = is_import_system(code);
        return !importing;
    });
    return importing;
}

/// Releases a module's lock as often as the thread `ident`, the caller, has taken it.
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

/// For an interrupted thread, when the exception leaves Python or its call ends: releases the
/// module locks that the thread still holds although it no longer imports anything. Only a lock's
/// owner releases it, and only inside importlib._bootstrap, so no other thread and no older frame
/// needs these locks. Attached; keeps an exception that is set.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void release_import_locks() noexcept {
    const saved_error aside;
    if (is_importing())
        return;
    PyObject *const module = loaded_module("_frozen_importlib");
    PyObject *const by_name =
        module != nullptr ? PyObject_GetAttrString(module, "_module_locks") : nullptr;
    PyObject *const references =
        by_name != nullptr && PyDict_Check(by_name) != 0 ? PyDict_Values(by_name) : nullptr;
    PyObject *const ident = PyLong_FromUnsignedLong(PyThread_get_thread_ident());
    for (Py_ssize_t i = 0;
         references != nullptr && ident != nullptr && i < PyList_GET_SIZE(references); ++i) {
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
