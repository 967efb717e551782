// holdfast/watch/stacks.hpp: Python stacks of all threads, without taking Python's locks.
//
// While a thread is stuck attached, no other thread can attach to look. CPython's faulthandler has
// a function for signal handlers that writes stacks even then. It is not exported; but faulthandler
// installs it on request, and the system can tell us its address. We register it for a signal, read
// its address back, restore the signal, and later call it as a plain function. No signal is ever
// sent.
//
// It reads other threads' frames while they run, and checks what it reads as CPython does when it
// crashes: a stack may be cut short. On free-threaded builds CPython itself does not do that, and
// neither do we. Windows has no such signals.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <cstdint>
#include <mutex>
#include <string>

#include <holdfast/annotations.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/process.hpp>
#include <holdfast/platform/scratch_file.hpp>
#include <holdfast/platform/spare_signal.hpp>

namespace holdfast::detail {

#if HOLDFAST_HAS_FREE_THREADING || !HOLDFAST_DETAIL_HAS_SIGNAL_HANDLERS
inline void arm_stacks() noexcept {}
constexpr bool can_have_stacks() noexcept { return false; }
inline std::string stacks_without_locks() { return {}; }
#else

/// The means of taking stacks.
///
/// Owns:       a file in memory, never closed.
/// Threads:    any.
/// Lock order: `mutex` is held while stacks are written, which takes no lock and does not wait.
struct stack_writer {
    std::mutex mutex;
    void (*write)(int) = nullptr;  // guarded by mutex; null: unavailable
    int signal = 0;
    int file = -1;
    // The process that armed it: in a forked child the mutex may be held by a thread that is not
    // there
    std::int64_t process = 0;
};

inline stack_writer &the_stack_writer() noexcept {
    union room {  // never destroyed: used by a thread that outlives static objects
        stack_writer writer;
        constexpr room() noexcept : writer() {}
        ~room() {}
    };
    static room of_this_library;
    return of_this_library.writer;
}

/// Called before Python takes faulthandler down.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline PyObject *disarm_stacks(PyObject *,
                                                                               PyObject *) {
    stack_writer &writer = the_stack_writer();
    if (writer.process != process_number())
        Py_RETURN_NONE;
    {
        const std::lock_guard<std::mutex> hold(writer.mutex);
        if (writer.write == nullptr)
            Py_RETURN_NONE;
        writer.write = nullptr;
    }
    // Unregistering would restore the handler from before we began
    const kept_handler hosts(writer.signal);
    PyObject *const module = PyImport_ImportModule("faulthandler");
    PyObject *const done =
        module != nullptr ? PyObject_CallMethod(module, "unregister", "i", writer.signal) : nullptr;
    Py_XDECREF(done);
    Py_XDECREF(module);
    PyErr_Clear();
    Py_RETURN_NONE;
}

/// Attached to the main interpreter, which has just started. On failure there are no stacks.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline void arm_stacks() noexcept {
    static PyMethodDef at_exit = {"holdfast_disarm_stacks", &disarm_stacks, METH_NOARGS, nullptr};
    stack_writer &writer = the_stack_writer();
    const std::lock_guard<std::mutex> hold(writer.mutex);
    if (writer.file < 0)
        writer.file = open_scratch_file("holdfast-stacks");
    writer.process = process_number();
    writer.signal = spare_signal();
    const kept_handler before(writer.signal);
    if (writer.file < 0 || !before.was_free())
        return;
    PyObject *const module = PyImport_ImportModule("faulthandler");
    PyObject *const exits = PyImport_ImportModule("atexit");
    PyObject *const function = PyCFunction_New(&at_exit, nullptr);
    PyObject *const done = module != nullptr && exits != nullptr && function != nullptr
                               ? PyObject_CallMethod(module, "register", "iiOO", writer.signal,
                                                     writer.file, Py_True, Py_False)
                               : nullptr;
    if (done != nullptr) {
        PyObject *const last = PyObject_CallMethod(exits, "register", "O", function);
        if (last != nullptr)
            writer.write = before.installed();
        Py_XDECREF(last);
    }
    Py_XDECREF(done);
    Py_XDECREF(function);
    Py_XDECREF(exits);
    Py_XDECREF(module);
    PyErr_Clear();
}

/// Whether stacks_without_locks() can return any.
HOLDFAST_DETAIL_RARE inline bool can_have_stacks() {
    stack_writer &writer = the_stack_writer();
    const std::lock_guard<std::mutex> hold(writer.mutex);
    return writer.write != nullptr;
}

/// The stacks of all threads as faulthandler writes them, newest frame first: a line "Thread 0x..."
/// with CPython's thread ident, or "Current thread 0x...", and below it lines that begin with
/// "  File ". Empty if they are unavailable. Any thread, attached or not; does not wait.
HOLDFAST_DETAIL_RARE inline std::string stacks_without_locks() {
    stack_writer &writer = the_stack_writer();
    const std::lock_guard<std::mutex> hold(writer.mutex);
    if (writer.write == nullptr || !empty_scratch_file(writer.file))
        return {};
    writer.write(writer.signal);
    return read_scratch_file(writer.file);
}

#endif

}  // namespace holdfast::detail
