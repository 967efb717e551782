// holdfast/detail/border.hpp: the border that C++ exceptions do not cross into Python.
//
// Layer 32. An exception that unwinds CPython's frames leaves its frame stack and recursion count wrong; a
// thousand of them end every later call. So whatever Python calls runs within translate_exceptions().
//
// Forced unwinding, by pthread_exit() or cancellation, may neither be swallowed (the C++ runtime ends the
// process) nor let through (the thread would end attached, and nobody would attach again). Cancellation
// is held off until the function returns. A thread that calls pthread_exit() stops here for good:
// detached, outside the gate, with its stack intact, because Python's frames lie on it. So it costs a
// thread, not the process: others go on, and finalize() does not wait for it. Joining it does.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <cxxabi.h>
#include <pthread.h>
#include <unistd.h>

#include "../python_error.hpp"

namespace holdfast::detail {

/// Defers pthread_cancel() of this thread.
class cancellation_held_off {
public:
    cancellation_held_off() noexcept { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
    cancellation_held_off(const cancellation_held_off &) = delete;
    cancellation_held_off &operator=(const cancellation_held_off &) = delete;
    ~cancellation_held_off() {
        int ours = 0;
        pthread_setcancelstate(before_, &ours);
    }

private:
    int before_ = PTHREAD_CANCEL_ENABLE;
};

/// Lists a thread that never comes back among Python's daemon threads, which nobody waits for.
HOLDFAST_DETAIL_COLD inline void list_as_daemon() noexcept {
    const saved_error aside;
    const owned names(PyDict_New());
    const owned done(names ? PyRun_String("import threading, _thread\n"
                                          "thread = threading.Thread(name='stopped (HF407)', daemon=True)\n"
                                          "thread._ident = _thread.get_ident()\n"
                                          "thread._started.set()\n"
                                          "threading._active[thread._ident] = thread\n",
                                          Py_file_input, names.get(), names.get())
                           : nullptr);
    PyErr_Clear();  // then finalize() names the thread, and does not get past it
}

/// Where a thread stops that wants to end under Python's frames. Attached.
[[noreturn]] HOLDFAST_DETAIL_COLD inline void park_this_thread() noexcept {
    std::fprintf(stderr,
                 "HF407 thread %llu was ended (pthread_exit) within a C++ function that Python called; "
                 "it is stopped instead\n"
                 "  do: return from the function, and end the thread after Python has returned\n",
                 static_cast<unsigned long long>(this_thread_native_id()));
    list_as_daemon();
    PyEval_SaveThread();
    if (thread_record *const self = cached_thread)  // after it, as always: Python may now be finalized
        for (thread_slot *slot = &self->main_slot; slot != nullptr;
             slot = slot == &self->main_slot ? self->other_slots : slot->next)
            if (slot->record != nullptr && slot->depth > 0)
                slot->record->door.leave(slot->entry);
    for (;;)
        pause();
}

/// Sets a Python exception with a C++ exception's text, whatever bytes that has.
HOLDFAST_DETAIL_COLD inline void set_error_text(PyObject *type, const char *text) noexcept {
    const owned message(
        PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "replace"));
    if (message)
        PyErr_SetObject(type, message.get());
}

HOLDFAST_DETAIL_COLD inline void set_error(const error &problem) noexcept {
    const std::string_view code = problem.code();
    PyObject *type = PyExc_RuntimeError;
    if (code == "HF401" || code == "HF403")
        type = PyExc_TypeError;
    else if (code == "HF402")
        type = PyExc_OverflowError;
    set_error_text(type, problem.what());
}

/// Sets the Python exception that was one before; its text, if it belongs to another interpreter.
HOLDFAST_DETAIL_COLD inline void set_error(const python_error &problem) noexcept {
    try {
        problem.restore();
    } catch (...) {
        set_error_text(PyExc_RuntimeError, problem.what());
    }
}

/// Within a handler: the Python exception for the C++ exception that is being handled.
HOLDFAST_DETAIL_COLD inline void set_error_from_handled() noexcept {
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

/// Runs a function that Python has called, attached, and returns its result: a new reference, or null
/// with a Python exception set, which a C++ exception is turned into. Nothing passes it.
template <class F>
PyObject *translate_exceptions(F &&function) noexcept {
    const cancellation_held_off until_returned;
    try {
        return std::forward<F>(function)();
    }
#if defined(__GLIBCXX__)
    catch (abi::__forced_unwind &) {
        park_this_thread();
    }
#endif
    catch (...) {
        set_error_from_handled();
        return nullptr;
    }
}

}  // namespace holdfast::detail
