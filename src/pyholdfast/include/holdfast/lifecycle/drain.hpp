// holdfast/lifecycle/drain.hpp: from an open gate to Py_FinalizeEx, with a time limit and a report.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>
#include <holdfast/gate/site_text.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/lifecycle/obstacle_rows.hpp>
#include <holdfast/lifecycle/python_threads.hpp>
#include <holdfast/lifecycle/take_back.hpp>
#include <holdfast/lifecycle/unregistered_states.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/time_text.hpp>
#include <holdfast/report.hpp>
#include <holdfast/trace/trace_memory.hpp>
#include <holdfast/watch/watchdog.hpp>

namespace holdfast::detail {

/// How long past its limit a report waits for Python stacks if a thread does not detach.
inline constexpr std::chrono::milliseconds patience_for_stacks{200};

HOLDFAST_DETAIL_COLD inline usage_error called_from_python() {
    return {"HF212",
            "finalize() was called from inside Python: a Python function is running on this thread",
            "return from Python first, then finalize"};
}

inline constexpr const char *finalized_by_another_text =
    "HF225 Python has been finalized by a Py_FinalizeEx() that is not holdfast's\n"
    "  do: remove that call; interpreter::finalize() or the destructor ends Python";

/// Whether the calling thread holds a guard of a living sub-interpreter. It holds none of the main
/// interpreter.
HOLDFAST_DETAIL_COLD inline bool is_inside_subinterpreter() noexcept {
    thread_record *const self = this_thread();
    for (thread_slot *slot = self != nullptr ? self->other_slots : nullptr; slot != nullptr;
         slot = slot->next)
        if (slot->is_inside() && slot->record != nullptr &&
            slot->record->interpreter.load() != nullptr)
            return true;
    process_record &shared = process();
    const std::uint64_t ident = this_thread_ident();
    bool found = false;
    const mutex_hold hold(shared.mutex);
    shared.for_each_record_locked([&](const interpreter_record &record) {
        found = found || (record.interpreter.load() != nullptr && record.door.has_guard_of(ident));
    });
    return found;
}

/// Whether the calling thread is attached to this interpreter, with or without a guard.
HOLDFAST_DETAIL_COLD inline bool is_attached_to(const interpreter_record &record) noexcept {
    return holdfast::attached() && PyInterpreterState_Get() == record.interpreter.load();
}

/// Whether Python called the calling code. False if the thread is detached, which hides that.
HOLDFAST_DETAIL_COLD inline bool is_in_python() noexcept {
    return holdfast::attached() && PyEval_GetFrame() != nullptr;
}

/// Whether Python called the code that detached from `state`, on the thread that detached. Asks
/// without the GIL, for which a caller might have to wait without a limit: nobody else uses the
/// state meanwhile.
HOLDFAST_DETAIL_COLD inline bool was_in_python(const PyThreadState *state) noexcept {
#if HOLDFAST_HAS_BASE_FRAME
    return state->current_frame != nullptr && state->current_frame != state->base_frame;
#elif HOLDFAST_HAS_CURRENT_FRAME
    return state->current_frame != nullptr;
#elif HOLDFAST_HAS_CFRAME
    return state->cframe->current_frame != nullptr;
#else
    return state->frame != nullptr;
#endif
}

/// The threads that are inside now, with Python stacks if available. Detached.
///
/// \param interrupted  idents of the threads whose Python code has been interrupted.
HOLDFAST_DETAIL_COLD inline std::vector<attached_thread> list_inside(
    interpreter_record &record, const std::vector<std::uint64_t> &interrupted = {}) {
    struct seen {
        attached_thread thread;
        std::uint64_t ident;
    };
    std::vector<seen> all;
    record.door.for_each_inside([&](const gate_entry &entry) {
        if (entry.is_attach_helper)
            return;
        seen one;
        one.ident = entry.thread_id;
        const bool is_handed_over = entry.is_handed_over();
        one.thread.native_id = is_handed_over ? 0 : entry.native_id;
        set_inside_since(one.thread, steady_time(entry.since_.load(std::memory_order_relaxed)));
        if (const call_site site = entry.site(); site.file() != nullptr)
            one.thread.where = site_text(site);
        if (is_handed_over)
            one.thread.where =
                "an interpreter_guard that was made at " + one.thread.where + " and handed over";
        else if (entry.is_guard)
            one.thread.where += has_ended(entry.native_id)
                                    ? " (interpreter_guard; this thread has ended)"
                                    : " (interpreter_guard)";
        all.push_back(std::move(one));
    });
    if (all.empty())  // the last has left, or a helper of ours is late, which is not listed
        return {};
    helper_work look;
    look.run = [](helper_work &work) { work.stacks = collect_stacks(); };
    const attach_helper_end answer =
        ask_attach_helper(record, look, std::chrono::steady_clock::now() + patience_for_stacks);
    std::vector<attached_thread> threads;
    for (seen &one : all) {
        one.thread.name = thread_name(one.thread.native_id).text;
        one.thread.interrupted =
            std::find(interrupted.begin(), interrupted.end(), one.ident) != interrupted.end();
        const auto stack = look.stacks.find(one.ident);
        if (stack != look.stacks.end())
            one.thread.python_stack = stack->second;
        else if (answer == attach_helper_end::not_sent)
            one.thread.python_stack = "  (unavailable: no thread could be started to look)\n";
        else if (answer == attach_helper_end::late)
            one.thread.python_stack =
                "  (unavailable: a thread has not detached from the interpreter for " +
                std::to_string(patience_for_stacks.count()) + " ms)\n";
        else if (answer == attach_helper_end::at_work)
            one.thread.python_stack = "  (unavailable: reading the stacks takes longer than " +
                                      std::to_string(patience_for_work.count()) + " s)\n";
        threads.push_back(std::move(one.thread));
    }
    return threads;
}

/// The same after threads were seen to leave. Nobody else may be inside than an attach helper, which
/// list_inside() leaves out; but the end has to wait for it.
HOLDFAST_DETAIL_COLD inline std::vector<attached_thread> list_last_inside(
    interpreter_record &record, const std::vector<std::uint64_t> &interrupted = {}) {
    std::vector<attached_thread> threads = list_inside(record, interrupted);
    if (threads.empty())
        threads.push_back(in_the_way("a thread of holdfast's own, which is about to leave"));
    return threads;
}

/// Reports the interpreters that would make Py_FinalizeEx fail. Attached to the main interpreter.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void list_subinterpreters(
    finalize_report &report) {
    for (PyInterpreterState *other = PyInterpreterState_Head(); other != nullptr;
         other = PyInterpreterState_Next(other)) {
        if (other == PyInterpreterState_Main())
            continue;
        report.still_inside.push_back(in_the_way("sub-interpreter " +
                                                 std::to_string(PyInterpreterState_GetID(other)) +
                                                 " has not been ended"));
    }
}

/// Waits for a closed gate to empty, and at `interrupt_at` interrupts the threads still inside.
/// Detached.
/// \param interrupted  output: as of interrupt_and_wait().
[[nodiscard]] HOLDFAST_DETAIL_COLD inline bool wait_empty_interrupting(
    interpreter_record &record, std::chrono::steady_clock::time_point deadline,
    std::chrono::steady_clock::time_point interrupt_at, std::vector<std::uint64_t> &interrupted,
    told_to_end &told) {
    if (record.door.wait_empty(std::min(deadline, interrupt_at)))
        return true;
    if (interrupt_at >= deadline)
        return false;
    told.threads_inside = true;  // before what may throw, and before the first of them is told
    return interrupt_and_wait(record, deadline, interrupted);
}

/// Writes into the trace what the watchdog would report, if none runs.
HOLDFAST_DETAIL_COLD inline void note_stuck_drain(const finalize_report &report) {
    recorder *const file = process().record_file.load(std::memory_order_acquire);
    if (file == nullptr || watchdog::is_on())
        return;
    std::string text = "HF811 finalize() gave up waiting for threads that are inside\n";
    for (const attached_thread &one : report.still_inside)
        text += "  inside   '" + one.name + "' (" + std::to_string(one.native_id) + ")" +
                (one.inside_for ? " for " + time_text(static_cast<double>(one.inside_for->count()))
                                : "") +
                " at " + one.where + '\n' + one.python_stack;
    file->add_note(text +
                   "  do: tell these threads to end before finalize(), or let finalize() interrupt "
                   "them\n");
}

/// A wait of finalize(), for the trace. A thread that never attached gets a track only if it waits.
class recorded_drain {
public:
    explicit recorded_drain(bool waits) noexcept
        : file_(process().record_file.load(std::memory_order_acquire)),
          begun_(file_ != nullptr ? file_->now() : 0),
          track_(waits ? track_for_locks() : track_of_this_thread()) {
        if (track_ != nullptr)
            track_->begin_drain(begun_);
    }
    recorded_drain(const recorded_drain &) = delete;
    recorded_drain &operator=(const recorded_drain &) = delete;
    ~recorded_drain() { end(); }

    void end() noexcept {
        if (file_ == nullptr)
            return;
        if (track_ == nullptr && file_->now() - begun_ >= file_->long_ticks())
            track_ = track_for_locks();
        if (track_ != nullptr)
            track_->end_drain(begun_);
        file_ = nullptr;
    }

private:
    recorder *file_;  // null: nothing is recorded, or it has ended
    const std::uint64_t begun_;
    thread_track *track_;
};

/// Detaches its thread. At its end, also if an exception is thrown, it restores the initial state:
/// attached with the same thread state, or detached.
struct as_it_came {
    as_it_came() : before(holdfast::attached() ? PyEval_SaveThread() : nullptr) {}
    as_it_came(const as_it_came &) = delete;
    as_it_came &operator=(const as_it_came &) = delete;
    ~as_it_came() {
        if (has_ended)
            return;
        if (holdfast::attached())
            PyEval_SaveThread();
        if (before != nullptr)
            PyEval_RestoreThread(before);
    }

    PyThreadState *const before;
    bool has_ended = false;  // Python has ended, and its thread states with it
};

/// Closes, drains, looks for threads that the gate does not know, and finalizes if nothing prevents
/// it. Runs on the main thread, which holds no guard and is attached or detached; it is left as it
/// was.
///
/// \param interrupt_at  when to interrupt the threads still inside; time_point::max() for never.
/// \param others        what to do about detached thread states of unregistered threads.
/// \param only_subinterpreters_left  output: true if only sub-interpreters made by other code are
///                                   left.
/// \param told  output: what reopen() has to take back, added to what it held.
HOLDFAST_DETAIL_COLD inline finalize_report drain_and_finalize(
    interpreter_record &record, PyThreadState *main_state,
    std::chrono::steady_clock::time_point deadline,
    std::chrono::steady_clock::time_point interrupt_at, detached_states others,
    bool &only_subinterpreters_left, told_to_end &told) {
    // A thread that is cancelled in here would leave what it has told other threads without a record,
    // and, where it waits for the GIL, its mutex locked. So cancellation acts after the end.
    const cancellation_held_off until_back;
    finalize_report report;
    only_subinterpreters_left = false;
    record.door.close(closed_reason::finalizing);  // F1
    record.children.tell_closing();
    as_it_came caller;
    recorded_drain waits(record.door.count() != 0);
    std::vector<std::uint64_t> interrupted;
    if (!wait_empty_interrupting(record, deadline, interrupt_at, interrupted, told))
        report.still_inside = list_inside(record, interrupted);
    // No thread is inside, but an unregistered thread may be attached and stuck. With a limit, find
    // that out before this thread queues behind it.
    if (report.still_inside.empty() && deadline != std::chrono::steady_clock::time_point::max() &&
        !can_attach(record,
                    std::max(deadline, std::chrono::steady_clock::now() + patience_for_stacks))) {
        report.still_inside.push_back(name_holder(record));
    }
    if (!report.still_inside.empty()) {
        note_stuck_drain(report);
        return report;
    }
    if (!record.door.wait_empty(
            deadline_after(patience_for_stacks))) {  // F2; an attach helper may be about to leave
        report.still_inside = list_last_inside(record, interrupted);
        return report;
    }
    obstacles_of found(report);
    end_children(record, deadline, found);
    if (!report.still_inside.empty())
        return report;
    PyEval_RestoreThread(main_state);
    leave_clean(record, main_state);
    drop_now(record);
    told.python_threads = true;
    wait_for_python_threads(deadline, report, unregistered_threads::waited_for);
    if (report.still_inside.empty() && others == detached_states::waited_for)
        wait_for_states_of_others(record, main_state, deadline, report);
    only_subinterpreters_left = report.still_inside.empty();
    list_subinterpreters(report);
    if (!report.still_inside.empty())
        return report;
    waits.end();
    list_left_behind(record, main_state, report);
    report.status = Py_FinalizeEx();  // F3
    report.finalized = caller.has_ended = true;
    if (record.interpreter.load() != nullptr)  // the Py_AtExit hook found no free slot
        process().retire_record(record);
    return report;
}

}  // namespace holdfast::detail
