// holdfast/attach/register_interpreter.ipp: the bodies of register_interpreter.hpp.
#pragma once

#include <holdfast/attach/register_interpreter.hpp>

#include <thread>

#include <holdfast/attach/global_symbols.hpp>
#include <holdfast/attach/new_state.hpp>
#include <holdfast/attach/register_interpreter.exits.ipp>
#include <holdfast/watch/own_gil.hpp>
#include <holdfast/watch/trace_setup.hpp>

namespace holdfast::detail {

inline constexpr const char *capsule_name = "holdfast.process.v1";

/// Looks for the records of a library that came first, and leaves ours for later ones.
HOLDFAST_DETAIL_RARE inline bool share_process(PyInterpreterState *interpreter) noexcept {
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
HOLDFAST_DETAIL_RARE inline void let_others_run() noexcept {
    PyThreadState *const state = PyEval_SaveThread();
    std::this_thread::yield();
    restore_or_hang(state);
}

#if HOLDFAST_DETAIL_HAS_FORK && !HOLDFAST_HAS_CURRENT_STATE_PER_THREAD
/// In a forked child, on the thread that forked: records whether a lost thread's state holds the
/// GIL.
HOLDFAST_DETAIL_RARE inline void note_lost_state() noexcept {
    process_record *const shared = process_of_this_library.load(std::memory_order_acquire);
    PyThreadState *const now = unchecked_state();
    if (shared != nullptr)
        shared->lost_in_fork.store(current_state(cached_thread) == now ? nullptr : now,
                                   std::memory_order_relaxed);
}

/// Once per library; it is harmless if several libraries do it.
HOLDFAST_DETAIL_RARE inline void watch_for_lost_states() noexcept {
    static std::atomic<bool> watched{false};
    if (!watched.exchange(true))
        at_fork(nullptr, nullptr, &note_lost_state);
}
#else
inline void watch_for_lost_states() noexcept {}  // CPython knows which thread is attached, or
                                                 // there is no fork
#endif

/// Registers the interpreter whose record the caller has claimed. Attached to it.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_RARE inline void make_known(process_record &shared,
                                                                       interpreter_record &record,
                                                                       PyInterpreterState *here,
                                                                       bool owned) noexcept {
    const bool is_main = &record == &shared.main;
    if (record.interpreter.load(std::memory_order_relaxed) != nullptr)
        shared.retire_record(record);  // it ended without its exit hook
    record.owned.store(owned);
    record.own_gil.store(false);
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
        if (!is_main && !owned && process().record_file.load() != nullptr && is_gil_own())
            note_own_gil(record);
    }
    PyErr_Clear();
    shared.end_claim(record);
}

HOLDFAST_DETAIL_RARE_BODY interpreter_ref register_current(bool owned) noexcept {
    PyInterpreterState *const here = PyInterpreterState_Get();
    const std::int64_t id = PyInterpreterState_GetID(here);
    const auto known = [&](const interpreter_record *record) {
        return record != nullptr && record->interpreter.load(std::memory_order_acquire) == here &&
               record->id.load(std::memory_order_relaxed) == id;
    };
    interpreter_record *record = process().find_record(here);
    if (known(record)) {
        if (owned)  // an extension came first, while Python was starting
            record->owned.store(true);
        return {record, record->generation.load(std::memory_order_acquire)};
    }
    if (is_finalizing() || process().is_leaving(here, id))
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
HOLDFAST_DETAIL_RARE inline interpreter_ref register_main_attached() noexcept {
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
HOLDFAST_DETAIL_RARE inline interpreter_ref register_main_once() noexcept {
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

HOLDFAST_DETAIL_RARE_BODY closed_reason register_main() noexcept {
    const cancellation_held_off until_registered;  // it waits, and nothing may come out of here
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
