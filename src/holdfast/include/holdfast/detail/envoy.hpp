// holdfast/detail/envoy.hpp: a thread that attaches in our place, so that we need not wait for ever.
//
// Layer 39. CPython has no attach with a deadline: a thread stuck in C while attached would hold up
// whoever comes to look. So a helper thread attaches, past the closed gate; we wait for it as long as we
// like. It is counted as inside, so finalization cannot begin before it has left.
#pragma once

#include "../python.hpp"  // first: CPython asks for it

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "../object.hpp"
#include "adopt.hpp"
#include "frames.hpp"
#include "helper_thread.hpp"
#include "new_state.hpp"
#include "raised.hpp"
#include "visible_text.hpp"

namespace holdfast::detail {

/// Python stacks by CPython's thread ident, as traceback prints them.
using python_stacks = std::map<std::uint64_t, std::string>;

/// Attached. Failures leave stacks out: this is for a report.
HOLDFAST_DETAIL_COLD inline python_stacks collect_stacks() {
    python_stacks stacks;
    // All stacks first: what follows runs Python code, and the threads go on.
    const owned places(stacks_of_interpreter());
    const owned module(places ? PyImport_ImportModule("traceback") : nullptr);
    PyObject *key = nullptr;
    PyObject *stack = nullptr;
    for (Py_ssize_t at = 0; module && PyDict_Next(places.get(), &at, &key, &stack) != 0;) {
        const owned lines(PyObject_CallMethod(module.get(), "format_list", "O", stack));
        const owned text(lines ? joined(lines.get()) : nullptr);
        if (text)
            stacks[PyLong_AsUnsignedLong(key)] = visible_lines(utf8_of(text.get()));
    }
    PyErr_Clear();
    return stacks;
}

/// What an envoy is to do once it is attached, and what it brings back.
struct errand_work {
    void (*run)(errand_work &) = nullptr;  // null: to have attached is enough
    python_stacks stacks;
    std::vector<std::uint64_t> threads;    // idents: whom to interrupt, then who has been
    std::vector<std::uint64_t> held_off;   // idents: who is to be tried again
    bool patient = true;                   // see must_hold_off()
    const gate *door = nullptr;            // of the interpreter
};

/// What the envoy and its sender share.
///
/// Lock order: `mutex` is a leaf, and nobody attaches while holding it.
struct errand {
    std::mutex mutex;
    std::condition_variable arrived;
    bool done = false;  // guarded by mutex
    bool was_there = false;  // guarded by mutex: it has attached
    errand_work work;   // the envoy's until it is done, then guarded by mutex
    gate_entry entry;   // the envoy's presence in the gate
};

HOLDFAST_DETAIL_COLD inline void run_errand(interpreter_record &record, const std::shared_ptr<errand> &task) {
    auto *const interpreter = static_cast<PyInterpreterState *>(record.interpreter.load());
    if (PyThreadState *const fresh = new_state(interpreter)) {
        const passing_attach attached(fresh);
        {
            const std::lock_guard<std::mutex> hold(task->mutex);
            task->was_there = true;
            task->arrived.notify_all();
        }
        try {
            if (task->work.run != nullptr)
                task->work.run(task->work);
        } catch (const std::bad_alloc &) {
            PyErr_Clear();  // it comes back with what it has
        }
    }
    record.door.leave_linked(task->entry);
    const std::lock_guard<std::mutex> hold(task->mutex);
    task->done = true;
    task->arrived.notify_all();
}

/// How an errand ended.
enum class envoy_end {
    back,
    late,     // a thread holds the interpreter and does not let go. The envoy comes back by itself, and the gate
              // counts it until then
    at_work,  // it has attached and is not done yet, e.g. because a slow machine imports a module. As above
    not_sent  // there was no thread, or no memory, for it
};

/// For how long an envoy that has attached may work: its errand is short, so on any machine that is enough. Without a
/// GIL it attaches beside a thread that never lets go, and then waits for that one to stop: so there its work has to be
/// done by the deadline.
inline constexpr std::chrono::seconds patience_for_work{10};

/// Sends a thread to attach to the record's interpreter, waits for that until the deadline, and for its return a while.
///
/// Detached, with the gate closed and the interpreter not yet finalized.
/// \param work  what to do there, and, if it came back in time, what it brought.
[[nodiscard]] HOLDFAST_DETAIL_COLD inline envoy_end send_envoy(interpreter_record &record, errand_work &work,
                                                               std::chrono::steady_clock::time_point deadline) {
    const auto task = std::make_shared<errand>();
    task->entry.is_envoy = true;
    task->work = work;
    task->work.door = &record.door;
    if (!record.door.enter_linked(task->entry, true, call_site::current()))
        return envoy_end::not_sent;
    if (!start_helper("a look at who is attached: finalize() goes on without", [&record, task] { run_errand(record, task); })) {
        record.door.leave_linked(task->entry);
        return envoy_end::not_sent;
    }
    std::unique_lock<std::mutex> hold(task->mutex);
#if HOLDFAST_HAS_FREE_THREADING
    const auto there = [&] { return task->done; };
#else
    const auto there = [&] { return task->was_there || task->done; };
#endif
    if (deadline == std::chrono::steady_clock::time_point::max())
        task->arrived.wait(hold, there);
    else if (!task->arrived.wait_until(hold, deadline, there))
        return envoy_end::late;
    if (!task->arrived.wait_for(hold, patience_for_work, [&] { return task->done; }))
        return envoy_end::at_work;
    if (!task->was_there)
        return envoy_end::not_sent;
    work = std::move(task->work);
    return envoy_end::back;
}

/// Whether anybody can attach at all before the deadline. As send_envoy(). Where nobody can be sent, that is not known,
/// and yes is the answer: it is nearly always right, and with no nothing could be finalized any more.
[[nodiscard]] HOLDFAST_DETAIL_COLD inline bool can_attach(interpreter_record &record,
                                                          std::chrono::steady_clock::time_point deadline) {
    errand_work merely_attach;
    return send_envoy(record, merely_attach, deadline) != envoy_end::late;
}

}  // namespace holdfast::detail
