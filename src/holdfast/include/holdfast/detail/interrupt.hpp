// holdfast/detail/interrupt.hpp: an exception in somebody else's Python code.
//
// Layer 40. CPython raises an asynchronous exception in a thread at its next bytecode. So a thread that
// runs Python gets it at once; one that is blocked in C, when it comes back; one that holds the interpreter in
// C, not before it lets go, for nobody can attach to ask. A thread that is queued to attach has no
// bytecode to stop: it is turned away (kept_state.hpp).
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <chrono>
#include <cstdint>
#include <vector>

#include "envoy.hpp"

namespace holdfast::detail {

inline constexpr const char *interrupted_name = "holdfast.Interrupted";

/// The exception's class in the current interpreter, borrowed; null with an error set. Attached.
/// A BaseException, so that "except Exception" lets it pass.
HOLDFAST_DETAIL_COLD inline PyObject *interrupted_type() noexcept {
    PyObject *const shared = PyInterpreterState_GetDict(PyInterpreterState_Get());  // borrowed
    PyObject *const found = shared != nullptr ? PyDict_GetItemString(shared, interrupted_name) : nullptr;
    if (shared == nullptr || found != nullptr)
        return found;
    PyObject *const made = PyErr_NewExceptionWithDoc(
        interrupted_name, "The host wants this call to end: its time is over, or Python is to be finalized.",
        PyExc_BaseException, nullptr);
    PyObject *const name = made != nullptr ? PyUnicode_FromString(interrupted_name) : nullptr;
    // Without a GIL another thread may have been faster: then it is that one's.
    PyObject *const kept = name != nullptr ? PyDict_SetDefault(shared, name, made) : nullptr;
    Py_XDECREF(name);
    Py_XDECREF(made);  // the dictionary's reference stays
    return kept;
}

/// Raises it in the thread `ident` of the current interpreter; false if there is no such thread. Attached.
HOLDFAST_DETAIL_COLD inline bool interrupt_thread(std::uint64_t ident) noexcept {
    PyObject *const type = interrupted_type();
    const bool done = type != nullptr &&
                      PyThreadState_SetAsyncExc(static_cast<unsigned long>(ident), type) == 1;
    PyErr_Clear();
    return done;
}

HOLDFAST_DETAIL_COLD inline void interrupt_threads(errand_work &work) {
    std::vector<std::uint64_t> told;
    for (const std::uint64_t ident : work.threads)
        // Open again: the envoy was held up, and what the thread does now is somebody's new work.
        if (!work.door->is_open() && interrupt_thread(ident))
            told.push_back(ident);
    work.threads = std::move(told);
}

/// Interrupts everybody inside a closed gate. Detached.
/// \return the idents of those who have been; none if nobody could attach before the deadline.
HOLDFAST_DETAIL_COLD inline std::vector<std::uint64_t> interrupt_inside(
    interpreter_record &record, std::chrono::steady_clock::time_point deadline) {
    errand_work work;
    work.run = &interrupt_threads;
    record.door.interrupt_each_inside([&](const gate_entry &entry) { work.threads.push_back(entry.thread_id); });
    if (work.threads.empty() || send_envoy(record, work, deadline) != envoy_end::back)
        return {};
    return work.threads;
}

}  // namespace holdfast::detail
