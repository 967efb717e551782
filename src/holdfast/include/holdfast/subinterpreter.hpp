// holdfast/subinterpreter.hpp: a second interpreter in the process, with a GIL of its own where CPython can.
//
// Layer 42.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

#include "interpreter.hpp"

namespace holdfast {

struct subinterpreter_config {
    /// Share the main interpreter's GIL, and so allow extension modules that refuse sub-interpreters
    /// with a GIL of their own. Before CPython 3.12 it is shared in any case.
    bool shared_gil = false;
};

/// Owns a sub-interpreter of the process.
///
/// Any native thread attaches by attach_guard(view()); its thread state passes with the guard, for no
/// thread may have one when the interpreter ends.
///
/// On 3.10 and 3.11 a library that calls PyGILState_Ensure while attached here deadlocks: CPython's
/// PyGILState knows only the main interpreter there.
///
/// Threads: construct, finalize and destroy on any thread, one at a time.
class subinterpreter {
public:
    /// Attaches to the main interpreter for the time it takes.
    /// \throws closed_error   the main interpreter is not open.
    /// \throws startup_error  HF240 CPython could not make it.
    explicit subinterpreter(const interpreter &parent, subinterpreter_config config = {})
        : main_(parent.view()) {
        // CPython 3.12 makes two at once only by luck.
        static std::mutex one_at_a_time;
        attach_guard attached(main_);
        std::unique_lock<std::mutex> hold(one_at_a_time, std::try_to_lock);
        if (!hold.owns_lock()) {
            const detach_guard detached;
            hold.lock();
        }
        create(config);
    }

    subinterpreter(const subinterpreter &) = delete;
    subinterpreter &operator=(const subinterpreter &) = delete;

    /// Finalizes without a limit; says every few seconds on stderr whom it waits for.
    ~subinterpreter() {
        if (finalized_ || !is_ours() || view().reason() == closed_reason::forked_child)
            return;
        try {
            while (!finalize(std::chrono::milliseconds(3000)))
                detail::say_who_is_inside(ref_.record->door, "HF218",
                                          "~subinterpreter waits for threads that are still inside:");
        } catch (const std::exception &problem) {
            std::fprintf(stderr, "holdfast: ~subinterpreter leaves it running: %s\n", problem.what());
        }
    }

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes its gate, waits for everybody inside, and ends it. As interpreter::finalize(), but from
    /// any thread that is not inside and not attached.
    /// \throws usage_error   HF211 the caller holds a guard, HF212 the caller is attached.
    /// \throws closed_error  the main interpreter is not open, so nobody may attach to end this one.
    finalize_report finalize(std::chrono::milliseconds limit) {
        if (finalized_ || !is_ours()) {  // with the main interpreter, all others have gone
            last_.finalized = finalized_ = true;
            last_.still_inside.clear();
            return last_;
        }
        if (detail::is_inside(*ref_.record))
            throw usage_error("HF211", "finalize() would wait for its own caller, which holds a guard",
                              "end this thread's guards first");
        if (attached())
            throw detail::called_from_python();
        const auto deadline = detail::deadline_after(limit);
        last_ = finalize_report{};
        ref_.record->door.close(closed_reason::finalizing);
        if (!ref_.record->door.wait_empty(deadline)) {
            last_.still_inside = detail::list_inside(*ref_.record);
            return last_;
        }
        end(deadline);
        return last_;
    }

    /// Admits again, after finalize() returned because its limit had passed.
    /// \throws usage_error  HF217
    void reopen() {
        if (finalized_ || view().reason() != closed_reason::finalizing)
            throw usage_error("HF217", "cannot reopen: the sub-interpreter is not closed, or is gone",
                              "call reopen() after a finalize() that returned with threads inside");
        ref_.record->door.open();
    }

private:
    [[nodiscard]] bool is_ours() const noexcept {
        return ref_.record != nullptr && ref_.record->generation.load() == ref_.generation &&
               ref_.record->interpreter.load() != nullptr;
    }

    [[noreturn]] static void refuse(const char *why) {
        throw startup_error("HF240", std::string("a sub-interpreter could not be made: ") + why,
                            "see the message above, or share the GIL (subinterpreter_config)");
    }

    /// Attached to the main interpreter, and so again at the end.
    void create(const subinterpreter_config &config) {
        PyThreadState *const before = PyThreadState_Get();
        PyThreadState *const first = make_interpreter(config);
        if (first == nullptr) {
            if (!detail::is_attached_with(before))
                PyThreadState_Swap(before);
            refuse("CPython returned no interpreter");
        }
        ref_ = detail::adopt_current(true);
#if HOLDFAST_HAS_DETACHED_SUBINTERPRETERS
        // Nobody's slot may point to the first state when another thread ends the interpreter.
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
        if (ref_.record == nullptr)
            refuse("its exit hooks could not be installed");
    }

    static PyThreadState *make_interpreter(const subinterpreter_config &config) noexcept {
#if HOLDFAST_HAS_OWN_GIL
        const bool shared = config.shared_gil;
        PyInterpreterConfig settings{};
        settings.use_main_obmalloc = shared ? 1 : 0;
        settings.allow_fork = shared ? 1 : 0;
        settings.allow_exec = shared ? 1 : 0;
        settings.allow_threads = 1;
        settings.allow_daemon_threads = shared ? 1 : 0;
        settings.check_multi_interp_extensions = shared ? 0 : 1;
        settings.gil = shared ? PyInterpreterConfig_SHARED_GIL : PyInterpreterConfig_OWN_GIL;
        PyThreadState *made = nullptr;
        return PyStatus_Exception(Py_NewInterpreterFromConfig(&made, &settings)) == 0 ? made : nullptr;
#else
        (void)config;
        return Py_NewInterpreter();
#endif
    }

    /// Drained and detached: ends the interpreter, unless Python threads or strangers are in it.
    void end(std::chrono::steady_clock::time_point deadline) {
        attach_guard main(main_);  // throws if the main interpreter is closing; then it ends this one
        PyThreadState *const before = PyThreadState_Get();
        auto *const interpreter = static_cast<PyInterpreterState *>(ref_.record->interpreter.load());
        // `threading` of up to 3.12 expects its main thread to end with the state it began with.
        const bool as_creator = creation_state_ != nullptr && std::this_thread::get_id() == creator_;
        PyThreadState *const last = as_creator ? creation_state_ : detail::new_state(interpreter);
        if (last == nullptr)
            throw closed_error(closed_reason::no_memory);
        switch_to(last);
        detail::drop_now(*ref_.record);
        detail::wait_for_python_threads(deadline, last_, detail::strangers::ignored);
        if (last_.still_inside.empty())
            name_strangers(interpreter, last);
        if (!last_.still_inside.empty()) {
            if (!as_creator)
                PyThreadState_Clear(last);
            switch_to(before);
            if (!as_creator)
                PyThreadState_Delete(last);
            return;
        }
        if (creation_state_ != nullptr && !as_creator) {
            PyThreadState_Clear(creation_state_);
            PyThreadState_Delete(creation_state_);
        }
        creation_state_ = nullptr;
        Py_EndInterpreter(last);
        return_to(before);
        detail::process().retire_record(*ref_.record);
        last_.finalized = finalized_ = true;
    }

    static void switch_to(PyThreadState *state) noexcept { PyThreadState_Swap(state); }

    /// After Py_EndInterpreter(), which leaves no current state, and up to 3.11 the GIL.
    static void return_to(PyThreadState *state) noexcept {
#if HOLDFAST_HAS_OWN_GIL
        PyEval_RestoreThread(state);
#else
        PyThreadState_Swap(state);
#endif
    }

    /// States of threads that came in without the gate: CPython up to 3.13 would abort the process.
    void name_strangers(PyInterpreterState *interpreter, PyThreadState *own) {
        for (PyThreadState *state = PyInterpreterState_ThreadHead(interpreter); state != nullptr;
             state = PyThreadState_Next(state)) {
            if (state == own || state == creation_state_)
                continue;
            attached_thread row;
            row.where = "has a thread state of its own here, which did not come through the gate";
            row.since = std::chrono::steady_clock::now();
            last_.still_inside.push_back(std::move(row));
        }
    }

    interpreter_view main_;
    detail::interpreter_ref ref_;
    PyThreadState *creation_state_ = nullptr;  // where an interpreter cannot be without any state
    std::thread::id creator_ = std::this_thread::get_id();
    finalize_report last_;
    bool finalized_ = false;
};

}  // namespace holdfast
