// holdfast/lifecycle/interrupt_threads.hpp: raises an exception in another thread's Python code.
//
// CPython raises an asynchronous exception in a thread at its next check. So a thread that runs
// Python gets it at once, or a moment later where it would strand other threads (async_raise.hpp).
// A thread that is blocked in C gets it when the C code returns. A thread that stays attached in C
// gets it only after it detaches, because no other thread can attach to ask. A thread that is
// queued to attach has no bytecode to stop: it is refused (cached_state.hpp).
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/interrupts/async_raise.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/retry_pause.hpp>

namespace holdfast::detail {

/// The class that is kept under `key` in the current interpreter, borrowed; null with an error set.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyObject *kept_interrupted_type(
    const char *key, PyObject *base) noexcept {
    PyObject *const shared = PyInterpreterState_GetDict(PyInterpreterState_Get());  // borrowed
    PyObject *const found = shared != nullptr ? PyDict_GetItemString(shared, key) : nullptr;
    if (shared == nullptr || found != nullptr || base == nullptr)
        return found;
    PyObject *const made = PyErr_NewExceptionWithDoc(
        interrupted_name,
        "The host asks this call to end: its time limit has passed, or Python is being finalized.",
        base, nullptr);
    PyObject *const name = made != nullptr ? PyUnicode_FromString(key) : nullptr;
    // Without a GIL another thread may have come first; then its class is used.
    PyObject *const cached = name != nullptr ? PyDict_SetDefault(shared, name, made) : nullptr;
    Py_XDECREF(name);
    Py_XDECREF(made);  // the dictionary's reference stays
    return cached;
}

/// The exception's class in the current interpreter, borrowed; null with an error set. It
/// is a BaseException, so that "except Exception" does not catch it.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyObject *interrupted_type() noexcept {
    return kept_interrupted_type(interrupted_name, PyExc_BaseException);
}

/// The same for a call whose time limit has passed: a derived class of the same name. So reopen()
/// knows a pending exception that finalize() has raised, which it takes back, from one of
/// within(), which it must leave.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline PyObject *limit_reached_type() noexcept {
    return kept_interrupted_type("holdfast.Interrupted, by a limit", interrupted_type());
}

/// How many successive times threads that were elsewhere are tried again without a pause.
inline constexpr int most_tries_at_one_go = 3;

/// Raises `type` once in the thread `ident` of the current interpreter, or returns why it did not.
///
/// \param type       null with an error set: it could not be made.
/// \param withdrawn  null, or set once nobody wants the exception raised any more.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline raise_outcome interrupt_thread(
    std::uint64_t ident, PyObject *type, bool patient, asked_check &asked,
    const std::atomic<bool> *withdrawn = nullptr) noexcept {
    const raise_outcome outcome =
        type != nullptr ? raise_attempt(ident, type, patient, asked, withdrawn).outcome()
                        : raise_outcome::no_such_thread;
    PyErr_Clear();
    return outcome;
}

/// Asks at least one of the threads to interrupt, if one of them runs. Detached, with the gate
/// closed, and counted as inside.
///
/// Only cached states are asked, because those stay alive meanwhile. A thread deletes its cached
/// state when it exits, or when it ends with a guard still alive, and first removes it under the
/// gate's mutex (forget_state()). Otherwise only Py_FinalizeEx() deletes it, and that does not
/// begin before the caller has left. So a state that is read here, under the mutex, is alive until
/// the mutex is released, whether its thread is inside or has left meanwhile. The thread
/// initialised the state before it stored it: keep() stores it with release, and this loads it with
/// acquire. Nothing in the state is touched except the two words that CPython itself accesses
/// atomically from other threads. A state that a thread has borrowed, from the threading module or
/// PyGILState_Ensure(), belongs to code that deletes it without asking; such a state is not asked.
HOLDFAST_DETAIL_COLD inline void ask_threads(helper_work &work) noexcept {
    ask_one_to_check([&work](const auto &ask_thread) {
        work.door->for_each_inside([&](const gate_entry &entry) {
            // The state belongs to the thread, and no other thread writes to it; only the entry's
            // view of it is const.
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

/// One attempt for each thread.
HOLDFAST_DETAIL_COLD inline void interrupt_threads(helper_work &work) {
    for (interrupted_thread &one : work.threads)
        one.outcome = interrupt_thread(one.ident, interrupted_type(), work.patient, one.asked,
                                       work.withdrawn);
}

/// Removes threads that have left: their idents may belong to other threads by now.
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

/// Interrupts all threads inside a closed gate, once, and waits for it to empty. Detached.
///
/// \param told  receives the idents of the threads that were interrupted, or may have been; not of
///     those that a within() interrupts, later and on its own, because the gate says so.
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
        // The thread that holds the interpreter may detach late, so the attach helper gets all the
        // time there is.
        const attach_helper_end end = ask_attach_helper(record, work, deadline);
        // It may have raised the exception in some of them before its work was withdrawn.
        if (end != attach_helper_end::back && work.was_there)
            for (const interrupted_thread &one : work.threads)
                told.push_back(one.ident);
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
