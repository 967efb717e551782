// holdfast/lifecycle/attach_helper.ipp: the bodies of attach_helper.hpp.
#pragma once

#include <holdfast/lifecycle/attach_helper.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include <holdfast/attach/new_state.hpp>
#include <holdfast/interrupts/frames.hpp>
#include <holdfast/objects/exception_text.hpp>
#include <holdfast/objects/object.hpp>
#include <holdfast/platform/helper_thread.hpp>
#include <holdfast/platform/visible_text.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY python_stacks collect_stacks() {
    python_stacks stacks;
    // All stacks first: the code below runs Python code, and the threads go on.
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

/// Shared by the attach helper and the thread that asked it.
///
/// Lock order: `mutex` is a leaf, and no thread attaches while holding it.
struct helper_task {
    std::mutex mutex;
    std::condition_variable arrived;
    bool done = false;       // guarded by mutex
    bool was_there = false;  // guarded by mutex: the helper has attached, and does its work
    std::atomic<bool> withdrawn{false};  // written under mutex: nobody waits for it any more
    helper_work work;  // used by the helper until it is done, then guarded by mutex
    gate_entry entry;  // the attach helper's presence in the gate
};

HOLDFAST_DETAIL_COLD_BODY void run_helper_task(interpreter_record &record,
                                               const std::shared_ptr<helper_task> &task) {
    auto *const interpreter = static_cast<PyInterpreterState *>(record.interpreter.load());
    if (PyThreadState *const fresh = new_state(interpreter)) {
        if (task->work.prepare != nullptr)
            task->work.prepare(task->work);
        const transient_attach attached(fresh);
        {
            // One of the two threads comes first: either this one sees that it is late, or the
            // other one that this one is there.
            const std::lock_guard<std::mutex> hold(task->mutex);
            task->was_there = !task->withdrawn.load(std::memory_order_relaxed);
            task->arrived.notify_all();
        }
        try {
            if (task->was_there && task->work.run != nullptr)
                task->work.run(task->work);
        } catch (const std::bad_alloc &) {
            PyErr_Clear();  // it returns what it has
        }
    }
    record.door.leave_linked(task->entry);
    const std::lock_guard<std::mutex> hold(task->mutex);
    task->done = true;
    task->arrived.notify_all();
}

HOLDFAST_DETAIL_COLD_BODY attach_helper_end ask_attach_helper(
    interpreter_record &record, helper_work &work, std::chrono::steady_clock::time_point deadline) {
    const auto task = std::make_shared<helper_task>();
    task->entry.is_attach_helper = true;
    task->work = work;
    task->work.door = &record.door;
    task->work.withdrawn = &task->withdrawn;
    if (!record.door.enter_linked(task->entry, true, call_site::current()))
        return attach_helper_end::not_sent;
    if (!start_helper("finalize(), to see which threads are attached",
                      [&record, task] { run_helper_task(record, task); })) {
        record.door.leave_linked(task->entry);
        return attach_helper_end::not_sent;
    }
    std::unique_lock<std::mutex> hold(task->mutex);
#if HOLDFAST_HAS_FREE_THREADING
    const auto there = [&] { return task->done; };
#else
    const auto there = [&] { return task->was_there || task->done; };
#endif
    const auto give_up = [&](attach_helper_end how) {
        task->withdrawn.store(true, std::memory_order_release);
        work.was_there = task->was_there;
        return how;
    };
    if (deadline == std::chrono::steady_clock::time_point::max())
        task->arrived.wait(hold, there);
    else if (!task->arrived.wait_until(hold, deadline, there))
        return give_up(attach_helper_end::late);
    if (!task->arrived.wait_for(hold, patience_for_work, [&] { return task->done; }))
        return give_up(attach_helper_end::at_work);
    if (!task->was_there)
        return attach_helper_end::not_sent;
    work = std::move(task->work);
    return attach_helper_end::back;
}

HOLDFAST_DETAIL_COLD_BODY bool is_below_python(interpreter_record &record,
                                               std::chrono::steady_clock::time_point deadline) {
    helper_work look;
    look.ident = this_thread_ident();
    look.run = [](helper_work &work) {
        const owned idents(threads_in_python());
        const owned ident(idents ? PyLong_FromUnsignedLongLong(work.ident) : nullptr);
        work.is_in_python = ident && PySet_Contains(idents.get(), ident.get()) == 1;
        PyErr_Clear();
    };
    try {
        return ask_attach_helper(record, look, deadline) == attach_helper_end::back &&
               look.is_in_python;
    } catch (const std::bad_alloc &) {  // none was started
        return false;
    }
}

HOLDFAST_DETAIL_COLD_BODY bool can_attach(interpreter_record &record,
                                          std::chrono::steady_clock::time_point deadline) {
    try {
        helper_work merely_attach;
        return ask_attach_helper(record, merely_attach, deadline) != attach_helper_end::late;
    } catch (const std::bad_alloc &) {  // none was started
        return true;
    }
}

}  // namespace holdfast::detail
