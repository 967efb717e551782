// holdfast/lifecycle/attach_helper.ipp: the bodies of attach_helper.hpp.
#pragma once

#include <holdfast/lifecycle/attach_helper.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <holdfast/objects/object.hpp>
#include <holdfast/interrupts/frames.hpp>
#include <holdfast/platform/helper_thread.hpp>
#include <holdfast/attach/new_state.hpp>
#include <holdfast/objects/raised.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY python_stacks collect_stacks() {
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

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY void run_errand(interpreter_record &record, const std::shared_ptr<errand> &task) {
    auto *const interpreter = static_cast<PyInterpreterState *>(record.interpreter.load());
    if (PyThreadState *const fresh = new_state(interpreter)) {
        if (task->work.prepare != nullptr)
            task->work.prepare(task->work);
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

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY envoy_end send_envoy(interpreter_record &record, errand_work &work,
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

HOLDFAST_DETAIL_COLD HOLDFAST_DETAIL_BODY bool can_attach(interpreter_record &record,
                                                          std::chrono::steady_clock::time_point deadline) {
    errand_work merely_attach;
    return send_envoy(record, merely_attach, deadline) != envoy_end::late;
}

}  // namespace holdfast::detail
