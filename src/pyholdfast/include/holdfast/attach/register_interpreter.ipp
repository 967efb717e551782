// holdfast/attach/register_interpreter.ipp: the bodies of register_interpreter.hpp.
#pragma once

#include <holdfast/attach/register_interpreter.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>

#include <holdfast/attach/delete_state.hpp>
#include <holdfast/attach/fork_hooks.hpp>
#include <holdfast/attach/global_symbols.hpp>
#include <holdfast/attach/new_state.hpp>
#include <holdfast/platform/environment.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/platform/thread_name.hpp>
#include <holdfast/platform/visible_text.hpp>
#include <holdfast/report.hpp>
#include <holdfast/watch/trace_setup.hpp>

namespace holdfast::detail {

inline constexpr const char *capsule_name = "holdfast.process.v1";

HOLDFAST_DETAIL_COLD_BODY std::chrono::milliseconds exit_limit() noexcept {
    const char *const text = own_variable("HOLDFAST_EXIT_LIMIT_MS");
    const long given = text != nullptr ? std::strtol(text, nullptr, 10) : 0;
    return std::chrono::milliseconds(given > 0 ? given : 5000);
}

HOLDFAST_DETAIL_COLD_BODY void say_who_is_inside(const gate &door, const char *problem,
                                                 const char *remedy) noexcept {
    char text[4096];  // text that does not fit is cut off
    std::size_t used = 0;
    const auto add = [&](int written) {
        used = written < 0 ? used : used + static_cast<std::size_t>(written);
        used = used < sizeof text ? used : sizeof text - 1;
    };
    add(std::snprintf(text, sizeof text, "holdfast: %s\n", problem));
    door.for_each_inside([&](const gate_entry &entry) {
        if (entry.is_attach_helper)
            return;
        const char *const file = entry.file_.load(std::memory_order_relaxed);
        char line[16] = "";  // a C caller has none
        if (entry.line_.load() != 0)
            std::snprintf(line, sizeof line, ":%u", entry.line_.load());
        if (entry.is_handed_over()) {
            add(std::snprintf(
                text + used, sizeof text - used,
                "  an interpreter_guard that was made %.1f s ago at %s%s and handed over\n",
                static_cast<double>(coarse_now() - entry.since_.load()) / 1e9,
                file != nullptr ? file : "?", line));
            return;
        }
        add(std::snprintf(
            text + used, sizeof text - used, "  thread %llu '%s', %s %.1f s ago at %s%s\n",
            static_cast<unsigned long long>(entry.native_id), thread_name(entry.native_id).text,
            entry.is_guard ? "took an interpreter_guard" : "attached",
            static_cast<double>(coarse_now() - entry.since_.load()) / 1e9,
            file != nullptr ? file : "?", line));
    });
    say("%s  do: %s\n", text, remedy);
}

struct ended_one_at_exit {
    interpreter_record &record;
    ~ended_one_at_exit() { record.ended_one(); }
};

HOLDFAST_DETAIL_COLD inline attached_thread could_not_be_ended(const char *why) {
    return in_the_way("a sub-interpreter or a pool could not be ended: " + visible_lines(why));
}

HOLDFAST_DETAIL_COLD_BODY void end_children(interpreter_record &record,
                                            std::chrono::steady_clock::time_point deadline,
                                            finalize_report &report) {
    // To end a sub-interpreter, this thread must attach to the main one.
    const gate_pass present(record.door, true, this_thread_ident(), call_site::current());
    const std::uint64_t round = record.begin_round_of_ends();
    while (child *const one = record.next_to_end(round)) {
        const ended_one_at_exit given_back{record};
        try {
            one->end(*one, deadline, report);
        } catch (const std::exception &problem) {
            report.still_inside.push_back(could_not_be_ended(problem.what()));
        } catch (...) {
            pass_on_forced_unwind();
            report.still_inside.push_back(
                could_not_be_ended("an exception that is not a std::exception"));
        }
    }
}

/// Takes the calling thread out of the gate while it waits for the others.
class absent_from {
public:
    explicit absent_from(interpreter_record &record) noexcept : record_(record) {
        thread_record *const self = this_thread();
        for (thread_slot *slot = self != nullptr ? &self->main_slot : nullptr; slot != nullptr;
             slot = slot == &self->main_slot ? self->other_slots : slot->next)
            if (slot->record == &record && slot->entry.inside_.load(std::memory_order_relaxed) != 0)
                entry_ = &slot->entry;
        if (entry_ != nullptr)
            record_.door.leave(*entry_);
    }
    absent_from(const absent_from &) = delete;
    absent_from &operator=(const absent_from &) = delete;
    ~absent_from() {
        if (entry_ != nullptr)
            entry_->inside_.store(1, std::memory_order_seq_cst);
    }

private:
    interpreter_record &record_;
    gate_entry *entry_ = nullptr;
};

// --- hooks that CPython calls -------------------------------------------------------------------

/// After this time, the end of a sub-interpreter first reports what it waits for: before a
/// supervisor that gives the process three seconds, as Apache does, kills it.
inline constexpr std::chrono::milliseconds first_word_after{2000};

/// Waits for the threads inside an interpreter that other code ends. Detached. False: some are
/// still inside.
HOLDFAST_DETAIL_COLD inline bool drain_at_exit(interpreter_record &record) {
    const bool is_main = record.main.load(std::memory_order_relaxed);
    auto deadline = deadline_after(exit_limit());
    auto next_report = is_main ? deadline : std::min(deadline, deadline_after(first_word_after));
    while (!record.door.wait_empty(next_report)) {
        if (is_main)
            say_who_is_inside(record.door, "HF219 Python exits although threads are still inside:",
                              "stop these threads from atexit, or earlier");
        else
            say_who_is_inside(
                record.door,
                "HF251 a sub-interpreter is being ended while threads are still inside:",
                "end their guards before the sub-interpreter is ended");
        if (next_report == deadline) {
            if (is_main || HOLDFAST_HAS_COUNTED_STATES)
                return false;
            // CPython would end the process: a thread that has a state here is "not the last
            // thread".
            deadline = deadline_after(exit_limit());
        }
        next_report = deadline;
    }
    return true;
}

/// Called from C, so no exception may leave it. CPython goes on even if something could not be
/// ended.
HOLDFAST_DETAIL_COLD inline void end_children_at_exit(interpreter_record &record) {
    try {
        finalize_report report;
        end_children(record, deadline_after(exit_limit()), report);
        if (!report.still_inside.empty())
            say("holdfast: HF219 Python exits although something is still inside:\n%s",
                report.text().c_str());
    } catch (const std::bad_alloc &) {
        say("holdfast: HF219 Python exits although something is still inside, and there is no "
            "memory to say what\n");
    }
}

/// atexit hook, on the finalizing thread, attached: the last moment at which other threads can
/// leave.
HOLDFAST_DETAIL_COLD inline PyObject *close_at_exit(PyObject *, PyObject *) {
    PyInterpreterState *const here = PyInterpreterState_Get();
    interpreter_record *const record = process().find_record(here);
    if (record == nullptr)
        Py_RETURN_NONE;
    bool is_empty = record->door.count() == 0;
    if (record->door.is_open()) {
        const absent_from aside(*record);
        record->door.close(closed_reason::finalizing);
        record->tell_closing();
        PyThreadState *const state = PyEval_SaveThread();
        is_empty = drain_at_exit(*record);
        if (is_empty)
            end_children_at_exit(*record);
        PyEval_RestoreThread(state);
    }
    if (!record->main.load(std::memory_order_relaxed) && is_empty)
        delete_cached_states(*record);
    // runtime_gone() retires a main interpreter. A sub-interpreter has no hook that late, and
    // another one may soon have its address.
    if (!record->main.load(std::memory_order_relaxed) && !record->owned.load())
        process().retire_record(*record);
    Py_RETURN_NONE;
}

/// Py_AtExit hook: the runtime is gone, and every interpreter with it.
HOLDFAST_DETAIL_COLD inline void runtime_gone() {
    process_record &shared = process();
    end_tracing();
    shared.retire_record(shared.main);
    for (interpreter_record *record = shared.main.next; record != nullptr; record = record->next)
        if (record->interpreter.load() != nullptr)
            shared.retire_record(*record);
}

HOLDFAST_DETAIL_COLD inline bool install_exit_hook() noexcept {
    static PyMethodDef hook = {"holdfast_close_at_exit", &close_at_exit, METH_NOARGS, nullptr};
    pin_library(reinterpret_cast<const void *>(&close_at_exit));
    PyObject *const module = PyImport_ImportModule("atexit");
    PyObject *const function =
        module != nullptr ? PyObject_GetAttrString(module, "register") : nullptr;
    PyObject *const callback = function != nullptr ? PyCFunction_New(&hook, nullptr) : nullptr;
    PyObject *const done = callback != nullptr ? PyObject_CallOneArg(function, callback) : nullptr;
    Py_XDECREF(done);
    Py_XDECREF(callback);
    Py_XDECREF(function);
    Py_XDECREF(module);
    return done != nullptr;
}

HOLDFAST_DETAIL_COLD inline bool install_hooks(interpreter_record &record) noexcept {
    if (!install_exit_hook())
        return false;
#if HOLDFAST_DETAIL_HAS_FORK
    if (!install_fork_hooks())
        return false;
#endif
    return !record.main.load(std::memory_order_relaxed) || Py_AtExit(&runtime_gone) == 0;
}

// --- registering an interpreter -----------------------------------------------------------------

/// Looks for the records of a library that came first, and leaves ours for later ones.
HOLDFAST_DETAIL_COLD inline bool share_process(PyInterpreterState *interpreter) noexcept {
    PyObject *const shared = PyInterpreterState_GetDict(interpreter);  // borrowed
    if (shared == nullptr)
        return false;
    // In one step: without a GIL two libraries may come here at the same time, and one must find
    // the other's.
    PyObject *const name = PyUnicode_FromString(capsule_name);
    PyObject *const ours =
        name != nullptr ? PyCapsule_New(&process(), capsule_name, nullptr) : nullptr;
    // Borrowed
    PyObject *const found = ours != nullptr ? PyDict_SetDefault(shared, name, ours) : nullptr;
    Py_XDECREF(ours);
    Py_XDECREF(name);
    auto *const theirs =
        found != nullptr ? static_cast<process_record *>(PyCapsule_GetPointer(found, capsule_name))
                         : nullptr;
    if (theirs != nullptr && theirs != &process() &&
        theirs->layout == process_record::current_layout)
        join_process(*theirs);
    return theirs != nullptr;
}

/// Detaches for a moment, so that the thread that is registering the interpreter can continue.
HOLDFAST_DETAIL_COLD inline void let_others_run() noexcept {
    PyThreadState *const state = PyEval_SaveThread();
    std::this_thread::yield();
    restore_or_hang(state);
}

#if HOLDFAST_DETAIL_HAS_FORK && !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
/// In a forked child, on the thread that forked: records whether a lost thread's state holds the
/// GIL.
HOLDFAST_DETAIL_COLD inline void note_lost_state() noexcept {
    process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    PyThreadState *const now = unchecked_state();
    if (shared != nullptr)
        shared->lost_in_fork.store(current_state(cached_thread) == now ? nullptr : now,
                                   std::memory_order_relaxed);
}

/// Once per library; it is harmless if several libraries do it.
HOLDFAST_DETAIL_COLD inline void watch_for_lost_states() noexcept {
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true))
        at_fork(nullptr, nullptr, &note_lost_state);
}
#else
inline void watch_for_lost_states() noexcept {}  // CPython knows which thread is attached, or
                                                 // there is no fork
#endif

/// Registers the interpreter whose record the caller has claimed. Attached to it.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline void make_known(process_record &shared,
                                                                       interpreter_record &record,
                                                                       PyInterpreterState *here,
                                                                       bool owned) noexcept {
    const bool is_main = &record == &shared.main;
    if (record.interpreter.load(std::memory_order_relaxed) != nullptr)
        shared.retire_record(record);  // it ended without its exit hook
    record.owned.store(owned);
    if (!owned)
        begin_tracing_if_told();
    trace_interpreter(is_main);
#if HOLDFAST_DETAIL_HAS_GLOBAL_SYMBOLS
    explain_hidden_symbols();
#endif
    watch_for_lost_states();
    if (install_hooks(record)) {
        record.id.store(PyInterpreterState_GetID(here), std::memory_order_relaxed);
        shared.open_record(record, here);
        if (is_main)
            trace_main_gil(record.generation.load(std::memory_order_relaxed));
    }
    PyErr_Clear();
    shared.end_claim(record);
}

HOLDFAST_DETAIL_COLD_BODY interpreter_ref register_current(bool owned) noexcept {
    PyInterpreterState *const here = PyInterpreterState_Get();
    const std::int64_t id = PyInterpreterState_GetID(here);
    const auto known = [&](const interpreter_record *record) {
        return record != nullptr && record->interpreter.load(std::memory_order_acquire) == here &&
               record->id.load(std::memory_order_relaxed) == id;
    };
    interpreter_record *record = process().find_record(here);
    if (known(record))
        return {record, record->generation.load(std::memory_order_acquire)};
    if (is_finalizing())
        return {};

    const cancellation_held_off until_known;  // Python code installs the hooks, and it waits
    const saved_error aside;
    if (!share_process(here)) {
        PyErr_Clear();
        return {};
    }
    process_record &shared = process();
    const std::uint64_t self = this_thread_ident();
    const process_record::claim claimed =
        shared.claim_record(here, id, here == PyInterpreterState_Main(), self);
    record = claimed.record;
    if (claimed.is_ours)
        make_known(shared, *record, here, owned);
    // Python code installs the hooks and may have called us again; then there is no thread to wait
    // for.
    while (record != nullptr && record->registering.load(std::memory_order_acquire) != 0 &&
           record->registrar.load(std::memory_order_relaxed) != self)
        let_others_run();
    if (!known(record))
        return {};
    return {record, record->generation.load(std::memory_order_acquire)};
}

/// Attaches to the main interpreter for the first time: with the state that Python or a library
/// made for this thread there, or with a temporary one. Detached. It does not use
/// PyGILState_Ensure(), which takes whatever interpreter the thread was in last, nor
/// PyThreadState_EnsureFromView(), which hangs on a thread that still has a state of a runtime that
/// is gone.
HOLDFAST_DETAIL_COLD inline interpreter_ref register_main_attached() noexcept {
    PyInterpreterState *const main = PyInterpreterState_Main();
    PyThreadState *const theirs = PyGILState_GetThisThreadState();
    interpreter_ref found;
    if (theirs != nullptr && !is_leftover(theirs) && PyThreadState_GetInterpreter(theirs) == main) {
        restore_or_hang(theirs);
        found = register_current();
        PyEval_SaveThread();
    } else if (PyThreadState *const fresh = new_state(main)) {
        const transient_attach attached(fresh);
        found = register_current();
    }
    return found;
}

/// The same, while a PEP 788 guard holds finalization back. Before 3.15 nothing can protect this
/// one attach from a finalization that begins at the same moment; later attaches are protected by
/// the gate.
HOLDFAST_DETAIL_COLD inline interpreter_ref register_main_once() noexcept {
#if HOLDFAST_HAS_PEP_788
    PyInterpreterView *const view = PyInterpreterView_FromMain();
    PyInterpreterGuard *const guard = view != nullptr ? PyInterpreterGuard_FromView(view) : nullptr;
    if (view != nullptr)
        PyInterpreterView_Close(view);
    if (guard == nullptr)
        return {};
    const interpreter_ref found = register_main_attached();
    PyInterpreterGuard_Close(guard);
    return found;
#else
    return register_main_attached();
#endif
}

/// Detached during its lifetime, if the thread was attached.
class detached_for_a_moment {
public:
    detached_for_a_moment() noexcept
        // holdfast: ignore[HF604] only with a current state
        : before_(current_state(cached_thread) != nullptr ? PyEval_SaveThread() : nullptr) {}
    detached_for_a_moment(const detached_for_a_moment &) = delete;
    detached_for_a_moment &operator=(const detached_for_a_moment &) = delete;
    ~detached_for_a_moment() {
        if (before_ != nullptr)
            restore_or_hang(before_);
    }

private:
    PyThreadState *const before_;
};

HOLDFAST_DETAIL_COLD_BODY closed_reason register_main() noexcept {
    process_record &shared = process();
    // Holds back the end of a Python that another thread registers meanwhile. Its exit hook closes
    // the gate and waits for this thread, which may be about to attach without having come through
    // the gate. If the linker kept this library separate from that thread's library, this one has
    // its own gate until it has attached once.
    const gate_pass held_back(shared.main.door, true, 0, call_site::current());
    // Detached: the registering thread may need the GIL that this thread has, in a sub-interpreter.
    const detached_for_a_moment detached;
    // First check whether it is registered. If we asked CPython first, Python might be registered
    // and end in between, and CPython's answer would be about a Python that has ended. The thread
    // that registers it opens its gate at once.
    if (shared.main.interpreter.load(std::memory_order_acquire) != nullptr) {
        while (shared.main.registering.load(std::memory_order_acquire) != 0)
            std::this_thread::yield();
        return closed_reason::none;
    }
    // Check our own flags first: while Python starts, another thread writes CPython's flag, without
    // ordering. And after a failed start CPython says that it is initialized, although it is only
    // half so.
    if (shared.starting.load(std::memory_order_acquire) ||
        shared.start_failed.load(std::memory_order_acquire) || Py_IsInitialized() == 0)
        return shared.main.generation.load() == 0 ? closed_reason::not_started
                                                  : closed_reason::finalized;
    if (is_finalizing())
        return closed_reason::finalizing;
    const interpreter_ref found = register_main_once();
    return found.record != nullptr ? closed_reason::none : closed_reason::finalizing;
}

}  // namespace holdfast::detail
