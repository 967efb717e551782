// holdfast/lifecycle/interpreter.ipp: the bodies of interpreter.hpp.
#pragma once

#include <holdfast/lifecycle/interpreter.hpp>

#include <string>

#include <holdfast/lifecycle/debugger.hpp>
#include <holdfast/lifecycle/drain.hpp>
#include <holdfast/lifecycle/startup.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/rethrow.hpp>
#include <holdfast/platform/say.hpp>

namespace holdfast {

HOLDFAST_DETAIL_BODY interpreter::interpreter(const interpreter_config &config)
    : starter_(std::this_thread::get_id()) {
    const detail::cancellation_held_off until_started;  // CPython cannot be started again half-way
    detail::process_record &shared = detail::process();
    bool idle = false;
    if (!shared.starting.compare_exchange_strong(idle, true))
        throw already_running();
    try {
        start(config);
    } catch (...) {
        shared.starting.store(false);
        detail::rethrow();
    }
    shared.starting.store(false);
}

HOLDFAST_DETAIL_COLD_BODY interpreter interpreter::adopt() {
    const interpreter_view main = main_view();
    const closed_reason reason = main.reason();
    if (reason == closed_reason::not_started || reason == closed_reason::finalized)
        throw usage_error(
            "HF256", "there is no Python to adopt: none runs in this process",
            "construct a holdfast::interpreter, which starts one, or adopt after Py_Initialize()");
    if (reason != closed_reason::none)
        throw closed_error(reason);
    interpreter found{nothing()};
    {
        const attach_guard attached(main);
        if (detail::is_python_main_thread()) {
            found.starter_ = std::this_thread::get_id();
            found.main_state_ = PyThreadState_Get();
            // If we made this state, it must still exist for finalize(), which ends it.
            if (detail::thread_slot *const slot =
                    detail::slot_for(*detail::this_thread(), *main.ref().record))
                slot->cached_is_ours = slot->cached_is_ours && slot->cached != found.main_state_;
        }
        bool nobody = false;
        if (!main.ref().record->owned.compare_exchange_strong(nobody, true))
            throw already_running();
    }
    found.ref_ = main.ref();
    found.is_adopted_ = true;
    return found;
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::take(interpreter &other) noexcept {
    starter_ = other.starter_;
    main_state_ = other.main_state_;
    ref_ = std::exchange(other.ref_, {});
    last_ = std::exchange(other.last_, {});
    told_ = std::exchange(other.told_, {});
    is_adopted_ = other.is_adopted_;
    is_closed_ = other.is_closed_;
    only_subinterpreters_left_ = other.only_subinterpreters_left_;
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::give_up() noexcept {
    if (ref_.record->generation.load() == ref_.generation) {
        // No one else can reopen what finalize() closed. Not while Python ends.
        if (is_closed_ && !ending_ && view().reason() == closed_reason::finalizing &&
            !detail::is_finalizing())
            open_again();
        ref_.record->owned.store(false);
    }
    ref_ = {};
}

HOLDFAST_DETAIL_COLD_BODY interpreter_view interpreter::release() noexcept {
    const interpreter_view left = view();
    if (ref_.record != nullptr) {
        if (!is_adopted_ && ref_.record->generation.load() == ref_.generation)
            ref_.record->released.store(true);
        give_up();
    }
    return left;
}

HOLDFAST_DETAIL_BODY interpreter::~interpreter() {
    if (ref_.record == nullptr || last_.finalized || view().reason() == closed_reason::forked_child)
        return;
    if (is_adopted_) {
        give_up();
        return;
    }
    if (finalized_by_another()) {
        detail::say("holdfast: %s\n", detail::finalized_by_another_text);
        return;
    }
    const detail::cancellation_held_off until_ended;  // it waits, and nothing may come out of here
    try {
        for (bool nobody_else = false; !finish_round(nobody_else);)
            nobody_else = only_subinterpreters_left_;
    } catch (const std::exception &problem) {
        // A destructor must not throw: Python is left running, closed or not, as it is.
        detail::say("holdfast: ~interpreter leaves Python running: %s\n", problem.what());
    }
}

HOLDFAST_DETAIL_COLD_BODY bool interpreter::finish_round(bool nobody_else_before) {
    const auto next_report = std::chrono::steady_clock::now() + detail::report_interval;
    if (finalize(detail::report_interval))
        return true;
    const detach_guard detached;  // the threads it waits for may need to attach
    if (nobody_else_before && only_subinterpreters_left_) {
        flush_output();
        detail::say(
            "holdfast: HF242 ~interpreter leaves Python running, closed, because sub-interpreters "
            "that "
            "holdfast did not make are left:\n%s"
            "  do: end them where they were made, before the holdfast::interpreter ends\n",
            last_.text().c_str());
        return true;
    }
    detail::say("holdfast: HF218 ~interpreter waits for what is still inside:\n%s",
                last_.text().c_str());
    std::this_thread::sleep_until(next_report);  // finalize() may have returned at once
    return false;
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::flush_output() const {
    PyEval_RestoreThread(main_state_);
    for (const char *const name : {"stdout", "stderr"}) {
        PyObject *const file = PySys_GetObject(name);  // borrowed; may be None
        Py_XDECREF(file != nullptr ? PyObject_CallMethod(file, "flush", nullptr) : nullptr);
        PyErr_Clear();
    }
    PyEval_SaveThread();
}

HOLDFAST_DETAIL_BODY finalize_report interpreter::finalize(std::chrono::milliseconds limit,
                                                           detached_states others) {
    return finalize_by(detail::deadline_after(limit), std::chrono::steady_clock::time_point::max(),
                       others);
}

HOLDFAST_DETAIL_BODY finalize_report interpreter::finalize(std::chrono::milliseconds limit,
                                                           interrupt_after patience,
                                                           detached_states others) {
    return finalize_by(detail::deadline_after(limit), detail::deadline_after(patience.patience),
                       others);
}

HOLDFAST_DETAIL_COLD_BODY bool interpreter::finalized_by_another() const noexcept {
    const closed_reason reason = view().reason();
    return !last_.finalized && !ending_ &&
           (reason == closed_reason::finalized || reason == closed_reason::stale);
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::reopen() {
    demand_held();
    // finalize() may be running there
    demand_starter("reopen()");
    // ending_: called from an atexit handler or a destructor, when Python ends for good
    if (last_.finalized || ending_ || view().reason() != closed_reason::finalizing)
        throw usage_error("HF217",
                          last_.finalized ? "cannot reopen: the interpreter has been finalized"
                          : ending_       ? "cannot reopen: the interpreter is being finalized"
                                          : "cannot reopen: the interpreter is not closed",
                          "call reopen() after a finalize() that returned with threads inside");
    open_again();
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::open_again() noexcept {
    detail::take_back_from_children(*ref_.record);
    detail::take_back(ref_, told_);
    is_closed_ = false;
    ref_.record->door.open();
    ref_.record->children.tell_reopened();
}

HOLDFAST_DETAIL_COLD_BODY finalize_report interpreter::finalize_by(
    std::chrono::steady_clock::time_point deadline,
    std::chrono::steady_clock::time_point interrupt_at, detached_states others) {
    demand_held();
    if (finalized_by_another()) {
        last_ = finalize_report{};
        // adopted: the code that started Python ended it
        last_.problem = is_adopted_ ? "" : detail::finalized_by_another_text;
        last_.finalized = true;
    }
    if (last_.finalized)
        return last_;
    demand_right_caller();
    ending_ = is_closed_ = true;
    try {
        last_ = detail::drain_and_finalize(*ref_.record, main_state_, deadline, interrupt_at,
                                           others, only_subinterpreters_left_, told_);
    } catch (...) {
        ending_ = false;
        detail::rethrow();
    }
    ending_ = false;
    return last_;
}

HOLDFAST_DETAIL_COLD_BODY usage_error interpreter::already_running() {
    return {"HF214", "an interpreter is already running, or being started, in this process",
            "share the existing one: pass its view(), or use main_view()"};
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::start(const interpreter_config &config) {
    detail::process_record &shared = detail::process();
    if (shared.start_failed.load())
        throw startup_error("HF235",
                            "Python cannot be started: an earlier start failed in this process, "
                            "and CPython cannot be started after that",
                            "fix the first error and start a new process");
    if (Py_IsInitialized() != 0) {
        if (shared.main.owned.load())
            throw already_running();
        if (shared.main.released.load())
            throw usage_error(
                "HF215",
                "Python is already running: a holdfast::interpreter started it, and was released",
                "take it back with interpreter::adopt(), or use main_view() and attach_guard");
        throw usage_error(
            "HF215", "Python was already started in this process, not by holdfast",
            "use main_view() and attach_guard, or interpreter::adopt() to finalize it from here");
    }
    detail::is_isolated.store(config.isolated, std::memory_order_relaxed);
    const detail::named_executable python = detail::check_startup(config);
    detail::begin_tracing_as_told({config.trace.string(), config.watchdog});
    if (shared.main.generation.load() != 0)
        detail::forget_paths();
    shared.start_failed.store(true);  // until the start has succeeded
    try {
        detail::start_python(config, python);
    } catch (...) {
        if (attached())  // CPython leaves the thread attached if the start failed
            PyEval_SaveThread();
        detail::rethrow();
    }
    main_state_ = PyThreadState_Get();
    try {
        settle(config);
    } catch (...) {
        Py_FinalizeEx();
        detail::rethrow();
    }
    shared.start_failed.store(false);
    PyEval_SaveThread();
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::settle(const interpreter_config &config) {
    detail::prepend_search_paths(detail::search_paths(config));
#if HOLDFAST_HAS_MAIN_THREAD_BY_IMPORT
    Py_XDECREF(PyImport_ImportModule("threading"));
    PyErr_Clear();  // a Python without it cannot mistake its main thread
#endif
    if (config.switch_interval)
        set_switch_interval(*config.switch_interval);
    detail::wait_for_debugger_if_told();
    ref_ = detail::register_current(true);
    if (ref_.record == nullptr)
        throw startup_error("HF230", "Python started, but its exit hooks could not be installed",
                            "check that the modules atexit and posix can be imported");
    // This thread also attaches with the state that Python made for its main thread.
    if (detail::thread_record *const self = detail::this_thread())
        if (detail::thread_slot *const slot = detail::slot_for(*self, *ref_.record))
            slot->keep(main_state_, ref_.generation, false);
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::set_switch_interval(
    std::chrono::microseconds interval) {
    PyObject *const set = PySys_GetObject("setswitchinterval");  // borrowed
    PyObject *const done =
        set != nullptr
            ? PyObject_CallFunction(set, "d", static_cast<double>(interval.count()) / 1e6)
            : nullptr;
    Py_XDECREF(done);
    if (done == nullptr) {
        PyErr_Clear();
        throw startup_error(
            "HF230",
            "switch_interval of " + std::to_string(interval.count()) + " us was not accepted",
            "give a positive interval, or none");
    }
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::demand_held() const {
    if (ref_.record == nullptr)
        throw usage_error(
            "HF257", "this holdfast::interpreter holds no Python: it was moved from, or released",
            "use the object that it was moved to, or interpreter::adopt() after a release()");
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::demand_starter(const char *called) const {
    if (std::this_thread::get_id() != starter_)
        throw usage_error(
            "HF210",
            std::string(called) + " was called on another thread than the one that started Python",
            "call it where the interpreter was constructed, or adopted by Python's main thread");
}

HOLDFAST_DETAIL_COLD_BODY void interpreter::demand_right_caller() const {
    if (view().reason() == closed_reason::forked_child)
        throw closed_error(closed_reason::forked_child);
    demand_starter("finalize()");
    if (detail::is_inside(*ref_.record))
        throw usage_error("HF211", "finalize() would wait for its own caller, which holds a guard",
                          "end this thread's guards first");
    // ending_: called from an atexit handler or a destructor during the running finalize().
    if (ending_ || detail::is_in_python() || (!attached() && detail::was_in_python(main_state_)))
        throw detail::called_from_python();
    if (detail::is_inside_subinterpreter() || (attached() && !detail::is_attached_to(*ref_.record)))
        throw usage_error(
            "HF211", "finalize() would wait for its own caller, which is inside a sub-interpreter",
            "end this thread's guards first");
}

}  // namespace holdfast
