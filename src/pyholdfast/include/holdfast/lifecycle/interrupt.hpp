// holdfast/lifecycle/interrupt.hpp: an exception in somebody else's Python code.
//
// CPython raises an asynchronous exception in a thread at its next check. So a thread that runs
// Python gets it at once, but where that would strand others (async_raise.hpp) a moment later; one
// that is blocked in C, when it comes back; one that holds the interpreter in C, not before it lets
// go, for nobody can attach to ask. A thread that is queued to attach has no bytecode to stop: it
// is turned away (cached_state.hpp).
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <holdfast/interrupts/async_raise.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/retry_pause.hpp>

namespace holdfast::detail {

/// The exception's class in the current interpreter, borrowed; null with an error set. Attached.
/// A BaseException, so that "except Exception" lets it pass.
HOLDFAST_DETAIL_COLD inline PyObject *interrupted_type() noexcept {
    PyObject *const shared = PyInterpreterState_GetDict(PyInterpreterState_Get());  // borrowed
    PyObject *const found =
        shared != nullptr ? PyDict_GetItemString(shared, interrupted_name) : nullptr;
    if (shared == nullptr || found != nullptr)
        return found;
    PyObject *const made = PyErr_NewExceptionWithDoc(
        interrupted_name,
        "The host wants this call to end: its time is over, or Python is to be finalized.",
        PyExc_BaseException, nullptr);
    PyObject *const name = made != nullptr ? PyUnicode_FromString(interrupted_name) : nullptr;
    // Without a GIL another thread may have been faster: then it is that one's.
    PyObject *const cached = name != nullptr ? PyDict_SetDefault(shared, name, made) : nullptr;
    Py_XDECREF(name);
    Py_XDECREF(made);  // the dictionary's reference stays
    return cached;
}

/// How often in a row threads that were elsewhere are tried again without a pause.
inline constexpr int most_tries_at_one_go = 3;

/// Raises it once in the thread `ident` of the current interpreter, or says why not. Attached.
HOLDFAST_DETAIL_COLD inline raise_outcome interrupt_thread(std::uint64_t ident, bool patient,
                                                           asked_check &asked) noexcept {
    PyObject *const type = interrupted_type();
    const raise_outcome outcome = type != nullptr
                                      ? raise_attempt(ident, type, patient, asked).outcome()
                                      : raise_outcome::no_such_thread;
    PyErr_Clear();
    return outcome;
}

/// Asks one of the threads at least that are to be interrupted, if one of them runs. Detached, with
/// the gate closed, and counted as inside.
///
/// Only states that threads keep are asked: those live meanwhile. A thread deletes the state that
/// it keeps at its exit, or where it ends without ending its guard, and has it forgotten under the
/// gate's mutex before (forget_state()). Else only Py_FinalizeEx() deletes it, which does not begin
/// before the caller has left. So a state that is read here, under the mutex, lives until that is
/// released, wherever its thread is, inside, or outside in the meantime. What the thread puts in
/// there it has made before: keep() releases, and here it is acquired. Nothing else of the state is
/// touched than the two words that CPython itself reads and writes atomically from other threads. A
/// state that a thread has borrowed, of the threading module or of PyGILState_Ensure(), belongs to
/// code that asks nobody before it deletes it: there nothing is asked.
HOLDFAST_DETAIL_COLD inline void ask_threads(helper_work &work) noexcept {
    ask_one_to_check([&work](const auto &ask_thread) {
        work.door->for_each_inside([&](const gate_entry &entry) {
            // What is kept is the thread's, and nobody else writes to it: only what the entry says
            // about it is const.
            auto *const cached =
                const_cast<void *>(entry.cached_state_.load(std::memory_order_acquire));
            const auto one =
                std::lower_bound(work.threads.begin(), work.threads.end(), entry.thread_id,
                                 [](const interrupted_thread &thread, std::uint64_t ident) {
                                     return thread.ident < ident;
                                 });
            if (cached == nullptr || one == work.threads.end() || one->ident != entry.thread_id)
                return;
            one->asked.state = static_cast<PyThreadState *>(cached);
            ask_thread(one->asked);  // Q1
        });
    });
}

/// One attempt for each.
HOLDFAST_DETAIL_COLD inline void interrupt_threads(helper_work &work) {
    for (interrupted_thread &one : work.threads)
        if (!work.door->is_open()) {
            one.outcome = interrupt_thread(one.ident, work.patient, one.asked);
        } else {  // again: the attach helper was held up, and what the thread does now is somebody's new work
            ask_no_more(one.asked);
            one.outcome = raise_outcome::no_such_thread;
        }
}

/// Takes out who has left: the ident may be another thread's by now.
HOLDFAST_DETAIL_COLD inline void keep_those_inside(const interpreter_record &record,
                                                   std::vector<interrupted_thread> &threads) {
    std::vector<std::uint64_t> inside;
    record.door.for_each_inside(
        [&](const gate_entry &entry) { inside.push_back(entry.thread_id); });
    const auto has_left = [&](const interrupted_thread &one) {
        return std::find(inside.begin(), inside.end(), one.ident) == inside.end();
    };
    threads.erase(std::remove_if(threads.begin(), threads.end(), has_left), threads.end());
}

/// Interrupts everybody inside a closed gate, once, and waits for it to empty. Detached.
///
/// \param told  gets the idents of those who have been interrupted.
/// \return false at the deadline.
[[nodiscard]] HOLDFAST_DETAIL_COLD inline bool interrupt_and_wait(
    interpreter_record &record, std::chrono::steady_clock::time_point deadline,
    std::vector<std::uint64_t> &told) {
    std::vector<interrupted_thread> left;
    record.door.interrupt_each_inside([&](const gate_entry &entry) {
        left.emplace_back();
        left.back().ident = entry.thread_id;
    });
    std::sort(left.begin(), left.end(),
              [](const auto &a, const auto &b) { return a.ident < b.ident; });
    int tries_at_one_go = 0;
    for (retry_pause pause; !left.empty();) {
        helper_work work;
        work.prepare = &ask_threads;
        work.run = &interrupt_threads;
        work.patient = pause.is_patient();
        work.threads = std::move(left);
        // Whoever holds the interpreter may let go late: the attach helper is given all the time
        // there is.
        const attach_helper_end end = ask_attach_helper(record, work, deadline);
        if (end == attach_helper_end::late)
            return false;
        if (end != attach_helper_end::back)
            break;
        left.clear();
        bool at_once = false;
        for (const interrupted_thread &one : work.threads) {
            at_once = at_once || one.outcome == raise_outcome::elsewhere;
            if (one.outcome == raise_outcome::raised)
                told.push_back(one.ident);
            else if (one.outcome != raise_outcome::no_such_thread)
                left.push_back(one);
        }
        if (left.empty())
            break;
        tries_at_one_go =
            at_once && tries_at_one_go < most_tries_at_one_go ? tries_at_one_go + 1 : 0;
        const auto now = std::chrono::steady_clock::now();
        const auto next = tries_at_one_go != 0 ? now : std::min(deadline, now + pause.next());
        if (record.door.wait_empty(next))
            return true;
        if (next >= deadline)
            return false;
        keep_those_inside(record, left);
    }
    return record.door.wait_empty(deadline);
}

}  // namespace holdfast::detail
