// holdfast/objects/exception_boundary.ipp: the bodies of exception_boundary.hpp.
#pragma once

#include <holdfast/objects/exception_boundary.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread.hpp>

#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>

namespace holdfast::detail {

/// Lists a thread that never returns among Python's daemon threads, for which finalize() does not
/// wait.
HOLDFAST_DETAIL_COLD inline void list_as_daemon() noexcept {
    const saved_error aside;
    const owned names(PyDict_New());
    const owned done(
        names ? PyRun_String("import threading, _thread\n"
                             "thread = threading.Thread(name='stopped (HF407)', daemon=True)\n"
                             "thread._ident = _thread.get_ident()\n"
                             "thread._started.set()\n"
                             "threading._active[thread._ident] = thread\n",
                             Py_file_input, names.get(), names.get())
              : nullptr);
    PyErr_Clear();  // without it, finalize() names the thread and waits for it
}

HOLDFAST_DETAIL_COLD_BODY void park_this_thread() noexcept {
    say("HF407 thread %llu was ended (pthread_exit) within a C++ function that Python called; "
        "it is stopped instead\n"
        "  do: return from the function, and end the thread after Python has returned\n",
        static_cast<unsigned long long>(this_thread_native_id()));
    list_as_daemon();
    PyEval_SaveThread();
    if (thread_record *const self =
            cached_thread)  // after it, as always: Python may now be finalized
        for (thread_slot *slot = &self->main_slot; slot != nullptr;
             slot = slot == &self->main_slot ? self->other_slots : slot->next)
            if (slot->record != nullptr && slot->depth > 0)
                slot->record->door.leave(slot->entry);
    stop_this_thread();
}

/// Sets a Python exception with a C++ exception's text, whatever bytes it contains.
HOLDFAST_DETAIL_COLD inline void set_error_text(PyObject *type, const char *text) noexcept {
    const owned message(
        PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "replace"));
    if (message)
        PyErr_SetObject(type, message.get());
}

HOLDFAST_DETAIL_COLD_BODY void set_error(const error &problem) noexcept {
    const std::string_view code = problem.code();
    PyObject *type = PyExc_RuntimeError;
    if (code == "HF401" || code == "HF403")
        type = PyExc_TypeError;
    else if (code == "HF402")
        type = PyExc_OverflowError;
    set_error_text(type, problem.what());
}

HOLDFAST_DETAIL_COLD_BODY void set_error(const python_error &problem) noexcept {
    try {
        problem.restore();
    } catch (...) {
        set_error_text(PyExc_RuntimeError, problem.what());
    }
}

HOLDFAST_DETAIL_COLD_BODY void set_error_from_handled() noexcept {
    try {
        throw;
    } catch (const python_error &problem) {
        set_error(problem);
    } catch (const error &problem) {
        set_error(problem);
    } catch (const std::bad_alloc &) {
        PyErr_NoMemory();
    } catch (const std::out_of_range &problem) {
        set_error_text(PyExc_IndexError, problem.what());
    } catch (const std::invalid_argument &problem) {
        set_error_text(PyExc_ValueError, problem.what());
    } catch (const std::exception &problem) {
        set_error_text(PyExc_RuntimeError, problem.what());
    } catch (...) {
        PyErr_SetString(PyExc_RuntimeError, "unknown C++ exception");
    }
}

}  // namespace holdfast::detail
