// holdfast/detail/interrupt.hpp: an exception in somebody else's Python code.
//
// Layer 40. CPython raises an asynchronous exception in a thread at its next check. So a thread that
// runs Python gets it at once, but where that would strand others (async_raise.hpp) a moment later; one that is
// blocked in C, when it comes back; one that holds the interpreter in C, not before it lets go, for nobody can
// attach to ask. A thread that is queued to attach has no bytecode to stop: it is turned away (kept_state.hpp).
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "async_raise.hpp"
#include "envoy.hpp"
#include "retry_pause.hpp"

namespace holdfast::detail {

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

/// Raises it once in the thread `ident` of the current interpreter, or says why not. Attached.
HOLDFAST_DETAIL_COLD inline raise_outcome interrupt_thread(std::uint64_t ident, bool patient, asked_check &asked) noexcept {
    PyObject *const type = interrupted_type();
    const raise_outcome outcome =
        type != nullptr ? raise_attempt(ident, type, patient, asked).outcome() : raise_outcome::no_such_thread;
    PyErr_Clear();
    return outcome;
}

/// Leaves in `work.threads` those that have been interrupted, and in `work.held_off` those to be tried again.
HOLDFAST_DETAIL_COLD inline void interrupt_threads(errand_work &work) {
    std::vector<std::uint64_t> told;
    for (const std::uint64_t ident : work.threads) {
        // Open again: the envoy was held up, and what the thread does now is somebody's new work.
        asked_check nothing;
        const raise_outcome outcome =
            work.door->is_open() ? raise_outcome::no_such_thread : interrupt_thread(ident, work.patient, nothing);
        if (outcome == raise_outcome::raised)
            told.push_back(ident);
        else if (outcome == raise_outcome::held_off)
            work.held_off.push_back(ident);
    }
    work.threads = std::move(told);
}

/// Interrupts everybody inside a closed gate, once, and waits for it to empty. Detached.
///
/// \param told  gets the idents of those who have been interrupted.
/// \return false at the deadline.
[[nodiscard]] HOLDFAST_DETAIL_COLD inline bool interrupt_and_wait(
    interpreter_record &record, std::chrono::steady_clock::time_point deadline, std::vector<std::uint64_t> &told) {
    std::vector<std::uint64_t> left;
    record.door.interrupt_each_inside([&](const gate_entry &entry) { left.push_back(entry.thread_id); });
    for (retry_pause pause; !left.empty();) {
        errand_work work;
        work.run = &interrupt_threads;
        work.patient = pause.is_patient();
        work.threads = std::move(left);
        // Whoever holds the interpreter may let go late: the envoy is given all the time there is.
        const envoy_end end = send_envoy(record, work, deadline);
        if (end == envoy_end::late)
            return false;
        if (end != envoy_end::back)
            break;
        told.insert(told.end(), work.threads.begin(), work.threads.end());
        left.clear();
        if (work.held_off.empty())
            break;
        const auto next = std::min(deadline, std::chrono::steady_clock::now() + pause.next());
        if (record.door.wait_empty(next))
            return true;
        if (next == deadline)
            return false;
        record.door.for_each_inside([&](const gate_entry &entry) {  // who has left may be another by now
            if (std::find(work.held_off.begin(), work.held_off.end(), entry.thread_id) != work.held_off.end())
                left.push_back(entry.thread_id);
        });
    }
    return record.door.wait_empty(deadline);
}

}  // namespace holdfast::detail
