// holdfast/lifecycle/subinterpreter_lifetime.ipp: the bodies of subinterpreter_lifetime.hpp.
#pragma once

#include <holdfast/lifecycle/subinterpreter_lifetime.hpp>

#include <algorithm>
#include <cstddef>
#include <thread>
#include <utility>

#include <holdfast/attach/new_state.hpp>
#include <holdfast/interrupts/others_stopped.hpp>
#include <holdfast/lifecycle/attach_helper.hpp>
#include <holdfast/lifecycle/drain.hpp>
#include <holdfast/lifecycle/interpreter_creation_lock.hpp>
#include <holdfast/lifecycle/new_interpreter.hpp>
#include <holdfast/lifecycle/retry_pause.hpp>
#include <holdfast/lifecycle/take_back.hpp>
#include <holdfast/lifecycle/unregistered_states.hpp>
#include <holdfast/objects/python_error.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/say.hpp>
#include <holdfast/watch/own_gil.hpp>

namespace holdfast::detail {

HOLDFAST_DETAIL_COLD_BODY child_interpreter *child_interpreter::make(
    const interpreter_view &main, const subinterpreter_config &config) {
    std::unique_ptr<child_interpreter, deletion> fresh(new child_interpreter(main));
    fresh->begin(config);
    child_interpreter *const begun = fresh.release();
    try {
        begun->prepare(config, search_path());
    } catch (...) {
        begun->end_failed();
        rethrow();
    }
    return begun;
}

HOLDFAST_DETAIL_COLD_BODY finalize_report
child_interpreter::finalize(std::chrono::milliseconds limit) {
    if (is_done())
        return finalized_report();
    demand_not_forked();
    demand_right_caller();
    // A thread that is cancelled in here is somewhere between two interpreters, perhaps detached, and
    // its unwinding could neither attach, which may wait without a limit, nor leave the state that
    // it has made: the interpreter's next end would take that for an unregistered thread's. So
    // cancellation acts after the end, which has a limit.
    const cancellation_held_off until_back;
    const auto deadline = deadline_after(limit);
    const detach_guard detached;
    const busy alone(*this, deadline);
    if (!alone) {
        finalize_report report;
        report.still_inside.push_back(in_the_way("the main interpreter's finalize() is ending it"));
        return report;
    }
    if (is_done())
        return finalized_report();
    // No other thread ends it, and the gate is not closed yet. A caller that is attached here has been
    // asked; one that is not may have detached below Python code of this interpreter.
    if (is_below_python(*ref_.record, std::chrono::steady_clock::now() + patience_for_stacks))
        throw called_from_python();
    const bool was_open = ref_.record->door.is_open();
    try {
        finish(deadline);
    } catch (const closed_error &refused) {
        // The main interpreter is closed, and its reopen() opens this one, too
        const bool is_its_doing = refused.reason() == closed_reason::finalizing;
        closed_by_main_ = closed_by_main_ || (was_open && is_its_doing);
        rethrow();
    }
    closed_by_main_ = false;  // from now on it is its owner's doing
    return last_;
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::reopen() {
    demand_not_forked();
    const detach_guard detached;
    const busy alone(*this, std::chrono::steady_clock::time_point::max());
    if (is_done() || view().reason() != closed_reason::finalizing)
        throw usage_error("HF217", "cannot reopen: the sub-interpreter is not closed, or is gone",
                          "call reopen() after a finalize() that returned with threads inside");
    if (is_left_to_main())
        throw usage_error("HF217", "cannot reopen: the main interpreter is closed",
                          "call its reopen(), which reopens its sub-interpreters");
    take_back(ref_, told_);
    closed_by_main_ = false;
    ref_.record->door.open();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::let_go() noexcept {
    const cancellation_held_off until_gone;  // between two calls of finalize() it sleeps
    try {
        while (!is_done() && view().reason() != closed_reason::forked_child) {
            if (is_left_to_main()) {
                close_unless_busy();
                break;
            }
            const auto next_report = std::chrono::steady_clock::now() + report_interval;
            const finalize_report report = finalize(report_interval);
            if (report)
                break;
            say("holdfast: HF218 ~subinterpreter waits for what is still inside:\n%s",
                report.text().c_str());
            const detach_guard detached;  // the threads it waits for may need to attach
            std::this_thread::sleep_until(next_report);  // finalize() may have returned at once
        }
    } catch (const std::exception &problem) {
        if (!is_left_to_main())
            say("holdfast: ~subinterpreter leaves it to the end of the main interpreter: %s\n",
                problem.what());
    }
    leave();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::leave() noexcept {
    if (!is_ours() || view().reason() == closed_reason::forked_child)
        progress_.fetch_or(done, std::memory_order_acq_rel);  // no other thread is left to set it
    if ((progress_.fetch_or(let_go_of, std::memory_order_acq_rel) & done) != 0) {
        const detach_guard detached;  // the main interpreter's end may be about to leave this
                                      // object
        remove();
    }
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::keep_state() const noexcept {
    if (keeps_states_)
        return;
    keep_first_state();
    if (creation_state_ == nullptr)
        keep(new_state(static_cast<PyInterpreterState *>(ref_.record->interpreter.load())), true);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::forget_state() const noexcept {
    if (keeps_states_)
        return;
    thread_record *const self = this_thread();
    thread_slot *const slot = self != nullptr ? slot_for(*self, *ref_.record) : nullptr;
    if (slot == nullptr || slot->cached_generation != ref_.generation)
        return;
    end_cached_state(*self, *slot);  // if it is ours
    slot->forget();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::begin(const subinterpreter_config &config) {
    // A thread that is cancelled in here would leave an interpreter half-made, or, where it waits for
    // the GIL, its mutex locked. So cancellation acts afterwards.
    const cancellation_held_off until_begun;
#if HOLDFAST_NEEDS_C_MODULES_IN_MAIN
    if (!config.shared_gil)
        import_in_main(config.imports);
#endif
    create(config);
    main_.ref().record->children.add(*this);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::end_failed() noexcept {
    const cancellation_held_off until_gone;
    try {
        const detach_guard detached;
        const busy alone(*this, std::chrono::steady_clock::time_point::max());
        if (!is_done()) {
            finish(deadline_after(report_interval));
            if (!last_.finalized)
                say("holdfast: HF218 a sub-interpreter whose start failed is left to the end of "
                    "the main interpreter, for what is still inside:\n%s",
                    last_.text().c_str());
        }
    } catch (const std::exception &problem) {
        say("holdfast: a sub-interpreter whose start failed is left to the end of the main "
            "interpreter: %s\n",
            problem.what());
    }
    leave();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::remove() noexcept {
    main_.ref().record->children.remove(*this);
    delete this;
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::close_unless_busy() {
    const detach_guard detached;  // ~busy may wait
    const busy alone(*this, std::chrono::steady_clock::time_point::min());
    if (!alone || is_done())
        return;
    closed_by_main_ = false;  // its owner goes: the main interpreter's reopen() must not open it
    ref_.record->door.close(closed_reason::finalizing);
    ref_.record->children.tell_closing();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::demand_not_forked() const {
    if (view().reason() == closed_reason::forked_child)
        throw closed_error(closed_reason::forked_child);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::demand_right_caller() const {
    const bool inside = is_inside(*ref_.record);
    if (!inside && is_in_python())
        throw called_from_python();
    if (inside || is_attached_to(*ref_.record))
        throw usage_error("HF211",
                          std::string("finalize() would wait for its own caller, which ") +
                              (inside ? "holds a guard" : "is attached to this sub-interpreter"),
                          "end this thread's guards first");
}

HOLDFAST_DETAIL_COLD_BODY bool child_interpreter::end_with_main(
    std::chrono::steady_clock::time_point deadline, obstacles &found) {
    const cancellation_held_off until_ended;  // as in finalize()
    const busy alone(*this, deadline);
    if (!alone) {
        found.add(found, "a sub-interpreter that another thread is ending");
        return false;
    }
    if (!is_done()) {
        closed_by_main_ = closed_by_main_ || ref_.record->door.is_open();
        finish(deadline);
        for (attached_thread thread : last_.still_inside) {
            thread.where += " (in a sub-interpreter)";
            add_row(found, std::move(thread));
        }
        if (!last_.finalized)
            return false;
    }
    return progress_.fetch_or(done, std::memory_order_acq_rel) == let_go_of;  // and it was not done
                                                                              // before
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::finish(
    std::chrono::steady_clock::time_point deadline) {
    last_ = finalize_report{};
    ref_.record->door.close(closed_reason::finalizing);
    ref_.record->children.tell_closing();
    if (!ref_.record->door.wait_empty(deadline)) {
        last_.still_inside = list_inside(*ref_.record);
        if (!last_.still_inside.empty())  // else only an attach helper that somebody keeps out
            return;
    }
    if (deadline != std::chrono::steady_clock::time_point::max()) {
        name_who_keeps_us_out(deadline);
        // An attach helper may be about to leave.
        if (last_.still_inside.empty() &&
            !ref_.record->door.wait_empty(deadline_after(patience_for_stacks)))
            last_.still_inside = list_last_inside(*ref_.record);
        if (!last_.still_inside.empty())
            return;
    }
    end_drained(deadline);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::name_who_keeps_us_out(
    std::chrono::steady_clock::time_point deadline) {
    const auto patience =
        std::max(deadline, std::chrono::steady_clock::now() + patience_for_stacks);
    if (!can_attach(*ref_.record, patience)) {
        attached_thread holder = name_holder(*ref_.record);
        if (holder.native_id == 0)
            holder.where =
                "a thread that holds the GIL, which this sub-interpreter shares, and does not let "
                "go";
        last_.still_inside.push_back(std::move(holder));
    } else if (main_.alive() && !can_attach(*main_.ref().record, patience)) {
        // Threads come and go there, so its list of states cannot be searched for a name.
        last_.still_inside.push_back(
            in_the_way("a thread that holds the main interpreter, which the end of a "
                       "sub-interpreter needs, and does not let go"));
    }
}

[[noreturn]] HOLDFAST_DETAIL_COLD_BODY void child_interpreter::refuse(const char *why) {
    throw startup_error("HF240", std::string("a sub-interpreter could not be made: ") + why,
                        "read what CPython printed on stderr, free memory, or use fewer "
                        "sub-interpreters");
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::create(const subinterpreter_config &config) {
    PyThreadState *const before = PyThreadState_Get();
    PyThreadState *const first = make_interpreter(config);
    if (first == nullptr) {
        if (!is_attached_with(before))
            PyThreadState_Swap(before);
        refuse("CPython returned no interpreter");
    }
    ref_ = register_current(true);
    if (ref_.record == nullptr) {  // no thread could end it later
        Py_EndInterpreter(first);
        return_to(before);
        refuse("its exit hooks could not be installed, or there is no memory");
    }
#if HOLDFAST_HAS_OWN_GIL
    if (!config.shared_gil)
        note_own_gil(*ref_.record);
#endif
#if HOLDFAST_HAS_DETACHED_SUBINTERPRETERS
    // No thread's slot may point to the first state when another thread ends the interpreter.
    PyThreadState_Clear(first);
    PyThreadState_DeleteCurrent();
    PyEval_RestoreThread(before);
#else
    creation_state_ = first;
#if HOLDFAST_HAS_OWN_GIL
    PyEval_SaveThread();
    PyEval_RestoreThread(before);
#else
    PyThreadState_Swap(before);
#endif
#endif
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::end_drained(
    std::chrono::steady_clock::time_point deadline) {
    attach_guard main(main_);  // throws if the main interpreter is closing, which then ends this
                               // one
    PyThreadState *const before = PyThreadState_Get();
    auto *const interpreter = static_cast<PyInterpreterState *>(ref_.record->interpreter.load());
    // Up to 3.12 `threading` expects its main thread to end with the state it began with.
    const bool as_creator = creation_state_ != nullptr && std::this_thread::get_id() == creator_;
    // It expects the same of a state that this thread caches. If there is one, it is the last.
    PyThreadState *const own = as_creator ? creation_state_ : cached_here();
    PyThreadState *const last = own != nullptr ? own : new_state(interpreter);
    if (last == nullptr)
        throw closed_error(closed_reason::no_memory);
    PyThreadState_Swap(last);
    // Goes back to the main interpreter, also if there is no memory for a row of the report. Only
    // CPython itself can still unwind this thread: while it is detached, if Py_FinalizeEx() was
    // called from outside. Then there is nothing to go back to.
    struct way_back {
        PyThreadState *before, *fresh;  // `fresh` is deleted; null: nothing is
        bool is_needed = true;
        ~way_back() {
            if (!is_needed || !holdfast::attached())
                return;
            if (fresh != nullptr)
                PyThreadState_Clear(fresh);
            PyThreadState_Swap(before);
            if (fresh != nullptr)
                PyThreadState_Delete(fresh);
        }
    } back{before, own == nullptr ? last : nullptr};
    drop_now(*ref_.record);
    told_.python_threads = true;
    wait_for_python_threads(deadline, last_, unregistered_threads::ignored);
    if (last_.still_inside.empty())
        wait_for_unregistered_threads(interpreter, last, deadline);
    if (!last_.still_inside.empty())
        return;
    interpreter_creation_lock alone;
    wait_for(alone, last, deadline);  // may throw: there is no memory for the lock
    back.is_needed = false;
    delete_cached_states(*ref_.record);
    if (creation_state_ != nullptr && !as_creator) {
        PyThreadState_Clear(creation_state_);
        PyThreadState_Delete(creation_state_);
    }
    creation_state_ = nullptr;
    Py_EndInterpreter(last);
    return_to(before);
    process().retire_record(*ref_.record);
    last_.finalized = true;
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::wait_for(
    interpreter_creation_lock &alone, PyThreadState *last,
    std::chrono::steady_clock::time_point deadline) {
#if HOLDFAST_HAS_OWN_GIL
    if (alone.try_take())
        return;
    const auto bearable = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    PyEval_SaveThread();
    alone.take(deadline < bearable ? deadline : bearable);
    PyEval_RestoreThread(last);
#else
    (void)alone, (void)last, (void)deadline;  // there is one GIL
#endif
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::prepare(const subinterpreter_config &config,
                                                          const std::vector<std::string> &folders) {
    keep_first_state();
    {
        const attach_guard attached(view());
        keeps_states_ = can_be_parked(PyThreadState_Get());
        set_search_path(folders);
        for (const std::string &module : config.imports)
            demand(PyImport_ImportModule(module.c_str()));
        if (!config.startup.empty()) {
            PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));  // borrowed
            const owned code =
                demand(Py_CompileString(config.startup.c_str(), "<startup>", Py_file_input));
            demand(PyEval_EvalCode(code.get(), names, names));
        }
    }
    forget_state();
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::keep_first_state() const noexcept {
    if (creation_state_ != nullptr)
        keep(creation_state_, false);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::keep(PyThreadState *state,
                                                       bool ours) const noexcept {
    thread_record *const self = this_thread();
    thread_slot *const slot = self != nullptr ? slot_for(*self, *ref_.record) : nullptr;
    if (slot == nullptr || state == nullptr)
        return;  // no memory: each attach then tries to create its own state
    slot->keep(state, ref_.generation, ours);
}

HOLDFAST_DETAIL_COLD_BODY PyThreadState *child_interpreter::cached_here() const noexcept {
    thread_record *const self = this_thread();
    thread_slot *const slot = self != nullptr ? slot_for(*self, *ref_.record) : nullptr;
    if (slot == nullptr || slot->cached_generation != ref_.generation ||
        !ref_.record->is_cached(slot->cached))
        return nullptr;
    return static_cast<PyThreadState *>(slot->cached);
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::name_unregistered_threads(
    PyInterpreterState *interpreter, PyThreadState *own) {
    std::size_t others = 0;  // counted first, as memory for rows is not to be had meanwhile
    for_each_state(interpreter, [&](const PyThreadState *state) noexcept {
        others +=
            state != own && state != creation_state_ && !ref_.record->is_cached(state) ? 1 : 0;
    });
    for (; others > 0; --others)
        last_.still_inside.push_back(
            in_the_way("has a thread state of its own here, which did not come through the gate"));
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::wait_for_unregistered_threads(
    PyInterpreterState *interpreter, PyThreadState *own,
    std::chrono::steady_clock::time_point deadline) {
    // CPython calls a thread ended before it has deleted the thread's state.
    constexpr std::chrono::seconds patience_for_states{1};
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + patience_for_states);
    for (retry_pause pause;;) {
        name_unregistered_threads(interpreter, own);
        const auto now = std::chrono::steady_clock::now();
        if (last_.still_inside.empty() || now >= until)
            return;
        last_.still_inside.clear();
        PyEval_SaveThread();
        std::this_thread::sleep_until(std::min(until, now + pause.next()));
        PyEval_RestoreThread(own);
    }
}

HOLDFAST_DETAIL_COLD_BODY void child_interpreter::return_to(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_OWN_GIL
    PyEval_RestoreThread(state);
#else
    PyThreadState_Swap(state);
#endif
}

}  // namespace holdfast::detail
