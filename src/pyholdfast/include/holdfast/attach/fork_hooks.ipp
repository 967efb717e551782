// holdfast/attach/fork_hooks.ipp: the bodies of fork_hooks.hpp.
#pragma once

#include <holdfast/attach/fork_hooks.hpp>

#if HOLDFAST_DETAIL_HAS_FORK

#include <atomic>

#include <holdfast/process/shared_records.hpp>

namespace holdfast::detail {

/// The methods that renew the locks, while this thread forks through Python. It owns the list, and
/// touches it only while attached.
HOLDFAST_DETAIL_PRIVATE inline thread_local PyObject *lock_renewals = nullptr;

/// Whether the calling thread holds a lock, as far as the lock can tell.
HOLDFAST_DETAIL_RARE inline bool is_own(PyObject *lock) noexcept {
    PyObject *const answer = PyObject_CallMethod(lock, "_is_owned", nullptr);
    const bool own = answer == Py_True;
    PyErr_Clear();
    Py_XDECREF(answer);
    return own;
}

/// Appends the method with which CPython renews a lock in a child. Skips it if there is no such
/// lock, if the forking thread holds the lock (and will release it), or if the method is Python
/// code, which cannot run in the handler.
HOLDFAST_DETAIL_RARE inline void add_renewal(PyObject *renewals, PyObject *lock) noexcept {
    PyObject *const method =
        lock != nullptr ? PyObject_GetAttrString(lock, "_at_fork_reinit") : nullptr;
    if (method != nullptr && PyCFunction_Check(method) != 0 && !is_own(lock))
        PyList_Append(renewals, method);
    PyErr_Clear();
    Py_XDECREF(method);
    Py_XDECREF(lock);
}

/// The lock that the end of a dummy thread's state takes; from 3.14 on it is always the process's
/// first one.
HOLDFAST_DETAIL_RARE inline PyObject *lock_of_dummy_threads(PyObject *threading) noexcept {
    PyObject *const type = PyObject_GetAttrString(threading, "_DeleteDummyThreadOnDel");
    PyObject *const method = type != nullptr ? PyObject_GetAttrString(type, "__del__") : nullptr;
    PyObject *const defaults =
        method != nullptr ? PyObject_GetAttrString(method, "__defaults__") : nullptr;
    PyObject *const lock = defaults != nullptr && PyTuple_Check(defaults) != 0
                               ? PySequence_GetItem(defaults, 0)
                               : nullptr;
    PyErr_Clear();
    Py_XDECREF(defaults);
    Py_XDECREF(method);
    Py_XDECREF(type);
    return lock;
}

/// os.register_at_fork(before=...): records what renew_locks() will call, while the lookup is safe.
HOLDFAST_DETAIL_RARE inline PyObject *note_locks(PyObject *, PyObject *) {
    PyObject *const threading = loaded_module("threading");
    PyObject *const renewals = threading != nullptr ? PyList_New(0) : nullptr;
    if (renewals != nullptr) {
        add_renewal(renewals, PyObject_GetAttrString(threading, "_active_limbo_lock"));
        add_renewal(renewals, lock_of_dummy_threads(threading));
        // Up to 3.12
        add_renewal(renewals, PyObject_GetAttrString(threading, "_shutdown_locks_lock"));
    }
    Py_XDECREF(lock_renewals);
    lock_renewals = renewals;
    Py_XDECREF(threading);
    if (PyErr_Occurred() != nullptr)
        return nullptr;  // no memory: CPython prints it and goes on
    Py_RETURN_NONE;
}

HOLDFAST_DETAIL_RARE inline void forget_locks() noexcept { Py_CLEAR(lock_renewals); }

/// pthread_atfork()'s handler in the child. The thread is attached, alone, and in the middle of
/// os.fork(). CPython holds its own locks, so only these methods may be called, which set a word or
/// allocate a lock.
HOLDFAST_DETAIL_RARE inline void renew_locks() noexcept {
    if (lock_renewals == nullptr || unchecked_state() == nullptr)
        return;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lock_renewals); ++i) {
        PyObject *const done = PyObject_CallNoArgs(PyList_GET_ITEM(lock_renewals, i));
        if (done == nullptr)
            PyErr_Clear();
        Py_XDECREF(done);
    }
}

/// os.register_at_fork(after_in_parent=...).
HOLDFAST_DETAIL_RARE inline PyObject *go_on_after_fork(PyObject *, PyObject *) {
    forget_locks();
    Py_RETURN_NONE;
}

/// os.register_at_fork(after_in_child=...): Python itself now works in this child.
HOLDFAST_DETAIL_RARE inline PyObject *open_after_fork(PyObject *, PyObject *) {
    forget_locks();
    interpreter_record *const record = process().find_record(PyInterpreterState_Get());
    if (record == nullptr || record->door.reason() != closed_reason::forked_child)
        Py_RETURN_NONE;
    if (record->state_before_fork == static_cast<std::uint32_t>(closed_reason::none))
        record->door.open();
    else if (record->state_before_fork == static_cast<std::uint32_t>(closed_reason::finalizing))
        record->door.close(closed_reason::finalizing);
    Py_RETURN_NONE;
}

HOLDFAST_DETAIL_RARE_BODY bool install_fork_hooks() noexcept {
    static PyMethodDef hooks[] = {
        {"holdfast_note_locks", &note_locks, METH_NOARGS, nullptr},
        {"holdfast_go_on_after_fork", &go_on_after_fork, METH_NOARGS, nullptr},
        {"holdfast_open_after_fork", &open_after_fork, METH_NOARGS, nullptr},
    };
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true)) {
        pin_library(reinterpret_cast<const void *>(&renew_locks));
        at_fork(nullptr, nullptr, &renew_locks);
    }
    PyObject *const module = PyImport_ImportModule("posix");
    PyObject *const function =
        module != nullptr ? PyObject_GetAttrString(module, "register_at_fork") : nullptr;
    PyObject *const none = PyTuple_New(0);
    PyObject *const named = Py_BuildValue(
        "{s:N,s:N,s:N}", "before", PyCFunction_New(&hooks[0], nullptr), "after_in_parent",
        PyCFunction_New(&hooks[1], nullptr), "after_in_child", PyCFunction_New(&hooks[2], nullptr));
    PyObject *const done = function != nullptr && none != nullptr && named != nullptr
                               ? PyObject_Call(function, none, named)
                               : nullptr;
    Py_XDECREF(named);
    Py_XDECREF(none);
    Py_XDECREF(function);
    Py_XDECREF(module);
    Py_XDECREF(done);
    return done != nullptr;
}

}  // namespace holdfast::detail

#endif
