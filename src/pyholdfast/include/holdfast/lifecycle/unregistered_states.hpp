// holdfast/lifecycle/unregistered_states.hpp: thread states that did not come through the gate.
//
// A thread that used PyGILState_Ensure() and is detached when Python ends returns to a state that
// no longer exists: CPython crashes or ends the thread. Python's end cannot wait for every such
// state, because a library may keep one for good. So they are reported; on request, finalize()
// waits for them.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/gate/registry.hpp>
#include <holdfast/gate/site_text.hpp>
#include <holdfast/interrupts/others_stopped.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/platform/attributes.hpp>
#include <holdfast/platform/thread.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/report.hpp>

namespace holdfast::detail {

/// The owner of a state that no guard of ours uses.
enum class state_of : unsigned char { python_thread, running_thread, ended_thread };

struct other_state {
    attached_thread thread;
    state_of whose = state_of::running_thread;
};

/// The name of a thread that Python itself started; empty for any other thread.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline std::string python_name(
    unsigned long ident) {
    const owned module(loaded_module("threading"));
    const owned active(module ? PyObject_GetAttrString(module.get(), "_active") : nullptr);
    const owned key(PyLong_FromUnsignedLong(ident));
    const owned thread(active && key ? PyObject_GetItem(active.get(), key.get()) : nullptr);
    PyErr_Clear();
    if (!thread || std::strstr(Py_TYPE(thread.get())->tp_name, "_DummyThread") != nullptr)
        return {};
    const std::string name = visible_text(utf8_of_attribute(thread.get(), "_name"));
    return name.empty() ? "?" : name;
}

/// The main interpreter's states, except `own` and those that threads cache for their guards.
/// Attached with `own`.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline std::vector<other_state> states_of_others(
    interpreter_record &record, PyThreadState *own) {
    std::vector<const void *> cached{own};
    record.door.for_each_entry([&](const gate_entry &entry) {
        cached.push_back(entry.cached_state_.load(std::memory_order_relaxed));
    });
    record.door.for_each_left_guard(
        [&](const left_guard &note) { cached.push_back(note.cached_state); });
    struct seen {
        const void *state;
        unsigned long ident;
        std::uint64_t native_id;
    };
    const auto all = map_states(own->interp, [](const PyThreadState *state) {
        return seen{state, state->thread_id, native_id_of(state)};
    });
    std::vector<other_state> others;
    for (const seen &one : all) {
        if (std::find(cached.begin(), cached.end(), one.state) != cached.end())
            continue;
        other_state row;
        row.thread.native_id = one.native_id;
        row.thread.since = std::chrono::steady_clock::now();
        row.thread.name = python_name(one.ident);
        if (!row.thread.name.empty()) {
            row.whose = state_of::python_thread;
            row.thread.where = "a Python daemon thread";
        } else if (has_ended(one.native_id)) {
            row.whose = state_of::ended_thread;
            row.thread.where =
                "has ended and left a thread state that did not come through the gate";
        } else {
            row.thread.name = thread_name(one.native_id).text;
            row.thread.where =
                "has a detached thread state that did not come through the gate, "
                "e.g. from PyGILState_Ensure()";
        }
        if (row.thread.native_id == 0 && row.thread.name.empty())
            row.thread.where = "a thread that " + row.thread.where;
        others.push_back(std::move(row));
    }
    return others;
}

/// Waits until no running thread has such a state. Attached with `own`, and detached between looks.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void wait_for_states_of_others(
    interpreter_record &record, PyThreadState *own, std::chrono::steady_clock::time_point deadline,
    finalize_report &report) {
    for (retry_pause pause;;) {
        std::vector<attached_thread> waited_for;
        for (const other_state &one : states_of_others(record, own))
            if (one.whose == state_of::running_thread)
                waited_for.push_back(one.thread);
        const auto now = std::chrono::steady_clock::now();
        if (waited_for.empty() || now >= deadline) {
            report.still_inside = std::move(waited_for);
            return;
        }
        PyEval_SaveThread();
        std::this_thread::sleep_until(std::min(deadline, now + pause.next()));
        PyEval_RestoreThread(own);
    }
}

/// Reports, before Py_FinalizeEx(), what that will not wait for. Attached with `own`.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void list_left_behind(
    interpreter_record &record, PyThreadState *own, finalize_report &report) {
    record.door.for_each_left_guard([&](const left_guard &note) {
        if (!note.is_guard)
            return;
        attached_thread row;
        row.native_id = note.native_id;
        row.name = note.name.text;
        set_inside_since(row, steady_time(note.since));
        row.where = std::string("has ended without ending the attach_guard that it made at ") +
                    site_text(note.where);
        report.left_behind.push_back(std::move(row));
    });
    for (other_state &one : states_of_others(record, own))
        report.left_behind.push_back(std::move(one.thread));
}

/// The thread that holds the interpreter although no thread is inside. Detached; no thread can
/// attach, so the list of states does not change. Without a GIL other threads may be attached, too,
/// and delete their states: there it has no name.
HOLDFAST_DETAIL_COLD inline attached_thread name_holder(
    [[maybe_unused]] const interpreter_record &record) {
    attached_thread row =
        in_the_way("did not come through the gate, holds the interpreter and does not let go");
#if !HOLDFAST_HAS_FREE_THREADING
    auto *const interpreter = static_cast<PyInterpreterState *>(record.interpreter.load());
    for (PyThreadState *state = PyInterpreterState_ThreadHead(interpreter); state != nullptr;
         state = PyThreadState_Next(state)) {
        if (!is_attached_with(state))
            continue;
        row.native_id = native_id_of(state);
        row.name = thread_name(row.native_id).text;
        if (has_ended(row.native_id))
            row.where =
                "did not come through the gate, has ended attached, and so holds the interpreter "
                "for ever";
        break;
    }
#endif
    if (row.native_id == 0)
        row.where = "a thread that " + row.where;
    return row;
}

}  // namespace holdfast::detail
