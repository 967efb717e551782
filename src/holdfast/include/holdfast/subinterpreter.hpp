// holdfast/subinterpreter.hpp: a second interpreter in the process, with a GIL of its own where CPython can.
//
// Layer 42.
#pragma once

#include "python.hpp"  // first: CPython asks for it

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "detail/drain.hpp"
#include "detail/new_state.hpp"
#include "detail/turn.hpp"
#include "interpreter.hpp"
#include "python_error.hpp"

namespace holdfast {

struct subinterpreter_config {
    /// Share the main interpreter's GIL, and so allow extension modules that refuse sub-interpreters
    /// with a GIL of their own. Before CPython 3.12 it is shared in any case. On a free-threaded build they are
    /// refused all the same.
    bool shared_gil = false;

    /// Modules to import before anybody else comes in, in this order. On CPython 3.12 and 3.13, with a GIL of its
    /// own, they are first imported in the main interpreter.
    std::vector<std::string> imports;

    /// Python code that is run after that, in __main__.
    std::string startup;
};

namespace detail {
class subinterpreter_crew;
}

/// Owns a sub-interpreter of the process.
///
/// Any native thread attaches by attach_guard(view()); its thread state passes with the guard, for no
/// thread may have one when the interpreter ends. It begins with the main interpreter's sys.path.
///
/// With a GIL of its own, CPython refuses extension modules that do not say they are ready for it (HF307). 3.12 does
/// so too late: import such a module in the main interpreter first, by `imports` or yourself, or it crashes.
/// The main interpreter's finalize() ends it, too, if it is still there. When that runs into its limit, it leaves
/// this one closed, until the main interpreter's reopen().
///
/// On 3.10 and 3.11 a library that calls PyGILState_Ensure while attached here deadlocks: CPython's
/// PyGILState knows only the main interpreter there.
///
/// Threads: construct, finalize and destroy on any thread, one at a time; the main interpreter's finalize()
///          counts as one.
class subinterpreter {
public:
    /// Attaches to the main interpreter for the time it takes.
    /// \throws closed_error   the main interpreter is not open.
    /// \param main  the main interpreter: a holdfast::interpreter, or main_view().
    /// \throws startup_error  HF240 CPython could not make it.
    /// \throws python_error   an import, or `startup`, failed; the interpreter has been ended again.
    explicit subinterpreter(const interpreter_view &main, const subinterpreter_config &config = {}) : main_(main) {
        detail::turn alone;  // given up last: after an attempt that failed has been ended
        attach_guard attached(main_);
        if (!main_.ref().record->main.load())
            throw usage_error("HF241", "a sub-interpreter cannot be made from the view of another sub-interpreter",
                              "pass the holdfast::interpreter, or main_view()");
#if HOLDFAST_NEEDS_C_MODULES_IN_MAIN
        if (!config.shared_gil)
            import_in_main(config.imports);
#endif
        if (!alone.try_take()) {
            const detach_guard detached;
            alone.take(std::chrono::steady_clock::time_point::max());
        }
        create(config);
        main_.ref().record->add_dependent(link_);
        try {
            prepare(config, search_path());
        } catch (...) {
            main_.ref().record->remove_dependent(link_);
            const detach_guard detached;
            finish(std::chrono::steady_clock::time_point::max());
            throw;
        }
    }

    subinterpreter(const subinterpreter &) = delete;
    subinterpreter &operator=(const subinterpreter &) = delete;

    /// Finalizes without a limit; says every few seconds on stderr whom it waits for. Where finalize() would throw,
    /// it says so, and leaves the sub-interpreter to the main one's finalize().
    ~subinterpreter() {
        if (main_.ref().record != nullptr)
            main_.ref().record->remove_dependent(link_);
        if (finalized_ || !is_ours() || view().reason() == closed_reason::forked_child)
            return;
        try {
            for (;;) {
                const auto next_word = std::chrono::steady_clock::now() + detail::between_words;
                if (finalize(detail::between_words))
                    return;
                std::fprintf(stderr, "holdfast: HF218 ~subinterpreter waits for what is still inside:\n%s",
                             last_.text().c_str());
                const detach_guard detached;  // those who are waited for may need to attach
                std::this_thread::sleep_until(next_word);  // finalize() may have been back at once
            }
        } catch (const std::exception &problem) {
            std::fprintf(stderr, "holdfast: ~subinterpreter leaves it to the end of the main interpreter: %s\n",
                         problem.what());
            hand_over();
        }
    }

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes its gate, waits for everybody inside, and ends it. As interpreter::finalize(), but from
    /// any thread that is not inside. A caller that is attached to another interpreter is detached meanwhile.
    /// \throws usage_error   HF211 the caller is inside, HF212 called from inside Python; nothing was touched.
    /// \throws closed_error  the main interpreter is not open, so nobody may attach to end this one.
    finalize_report finalize(std::chrono::milliseconds limit) {
        if (finalized_ || !is_ours()) {  // with the main interpreter, all others have gone
            last_.finalized = finalized_ = true;
            last_.still_inside.clear();
            return last_;
        }
        demand_right_caller();
        closed_by_main_ = false;
        const detach_guard detached;
        finish(detail::deadline_after(limit));
        return last_;
    }

    /// Admits again, after finalize() returned because its limit had passed.
    /// \throws usage_error  HF217
    void reopen() {
        if (finalized_ || view().reason() != closed_reason::finalizing)
            throw usage_error("HF217", "cannot reopen: the sub-interpreter is not closed, or is gone",
                              "call reopen() after a finalize() that returned with threads inside");
        closed_by_main_ = false;
        ref_.record->door.open();
    }

private:
    friend class detail::subinterpreter_crew;

    /// What the main interpreter ends, if nobody else has.
    struct link_to_main : detail::dependent {
        explicit link_to_main(subinterpreter &its_owner) noexcept : owner(its_owner) {
            end = [](dependent &self, std::chrono::steady_clock::time_point deadline, finalize_report &report) {
                subinterpreter &its = static_cast<link_to_main &>(self).owner;
                its.end_with_main(deadline, report);
                if (its.is_handed_over_ && (its.finalized_ || !its.is_ours()))
                    delete &its;
            };
            reopened = [](dependent &self) noexcept {
                subinterpreter &its = static_cast<link_to_main &>(self).owner;
                if (std::exchange(its.closed_by_main_, false) && !its.finalized_ && its.is_ours())
                    its.ref_.record->door.open();
            };
        }
        subinterpreter &owner;
    };

    struct handed_over {};

    /// Owned by the main interpreter's chain, which it leaves with the interpreter's end.
    subinterpreter(const subinterpreter &left, handed_over)
        : main_(left.main_), ref_(left.ref_), creation_state_(left.creation_state_), creator_(left.creator_),
          closed_by_main_(left.closed_by_main_), is_handed_over_(true) {
        main_.ref().record->add_dependent(link_);
    }

    /// Its destructor could not end the interpreter: somebody must, or the main one could not be ended either.
    void hand_over() const noexcept {
        try {
            static_cast<void>(new subinterpreter(*this, handed_over{}));
        } catch (const std::bad_alloc &) {  // then the main interpreter's end names it
        }
    }

    /// \throws usage_error
    void demand_right_caller() const {
        const bool inside = detail::is_inside(*ref_.record);
        if (!inside && detail::is_in_python())
            throw detail::called_from_python();
        if (inside || detail::is_attached_to(*ref_.record))
            throw usage_error("HF211",
                              std::string("finalize() would wait for its own caller, which ") +
                                  (inside ? "holds a guard" : "is attached to this sub-interpreter"),
                              "end this thread's guards first");
    }

    void end_with_main(std::chrono::steady_clock::time_point deadline, finalize_report &report) {
        if (finalized_ || !is_ours())
            return;
        closed_by_main_ = closed_by_main_ || ref_.record->door.is_open();
        finish(deadline);
        for (const attached_thread &thread : last_.still_inside) {
            report.still_inside.push_back(thread);
            report.still_inside.back().where += " (in a sub-interpreter)";
        }
    }

    /// Detached, on a thread that is not inside.
    void finish(std::chrono::steady_clock::time_point deadline) {
        last_ = finalize_report{};
        ref_.record->door.close(closed_reason::finalizing);
        ref_.record->tell_closing();
        if (!ref_.record->door.wait_empty(deadline)) {
            last_.still_inside = detail::list_inside(*ref_.record);
            return;
        }
        end(deadline);
    }

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
        if (ref_.record == nullptr) {  // nobody could end it later
            Py_EndInterpreter(first);
            return_to(before);
            refuse("its exit hooks could not be installed, or there is no memory");
        }
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
    }

#if HOLDFAST_NEEDS_C_MODULES_IN_MAIN
    /// Attached to the main interpreter. What it has, CPython refuses in others before it runs any of it, and no other
    /// interpreter owns. What cannot be imported here is left to the sub-interpreter, for it to say so.
    static void import_in_main(const std::vector<std::string> &modules) noexcept {
        const auto import = [](const char *module) {
            detail::owned(PyImport_ImportModule(module));
            PyErr_Clear();
        };
        // Those of the standard library that nearly every program imports in the end. Once for the process: when
        // Python has been started anew, 3.12 crashes where they are imported again, whoever does it.
        static std::atomic<bool> done{false};
        if (!done.exchange(true))
            for (const char *const module : {"_datetime", "_decimal", "_ctypes"})
                import(module);
        for (const std::string &module : modules)
            import(module.c_str());
    }
#endif

    static PyThreadState *make_interpreter(const subinterpreter_config &config) noexcept {
#if HOLDFAST_HAS_OWN_GIL
        const bool shared = config.shared_gil;
        PyInterpreterConfig settings{};
        settings.use_main_obmalloc = shared ? 1 : 0;
        settings.allow_fork = shared ? 1 : 0;
        settings.allow_exec = shared ? 1 : 0;
        settings.allow_threads = 1;
        settings.allow_daemon_threads = shared ? 1 : 0;
        // Without a GIL, CPython makes no interpreter that does not check.
        settings.check_multi_interp_extensions = shared && HOLDFAST_HAS_FREE_THREADING == 0 ? 0 : 1;
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
        // And so it does of a state that this thread keeps. If there is one, that is the last.
        PyThreadState *const own = as_creator ? creation_state_ : kept_here();
        PyThreadState *const last = own != nullptr ? own : detail::new_state(interpreter);
        if (last == nullptr)
            throw closed_error(closed_reason::no_memory);
        switch_to(last);
        detail::drop_now(*ref_.record);
        detail::wait_for_python_threads(deadline, last_, detail::strangers::ignored);
        if (last_.still_inside.empty())
            name_strangers(interpreter, last);
        if (!last_.still_inside.empty()) {
            if (own == nullptr)
                PyThreadState_Clear(last);
            switch_to(before);
            if (own == nullptr)
                PyThreadState_Delete(last);
            return;
        }
        detail::delete_kept_states(*ref_.record);
        if (creation_state_ != nullptr && !as_creator) {
            PyThreadState_Clear(creation_state_);
            PyThreadState_Delete(creation_state_);
        }
        creation_state_ = nullptr;
        detail::turn alone;
        wait_for(alone, last, deadline);
        Py_EndInterpreter(last);
        return_to(before);
        detail::process().retire_record(*ref_.record);
        last_.finalized = finalized_ = true;
    }

    /// Attached by `last`, and so again at the end, with or without the turn.
    static void wait_for(detail::turn &alone, PyThreadState *last, std::chrono::steady_clock::time_point deadline) {
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

    // --- its beginning ---------------------------------------------------------------------------

    /// sys.path of the interpreter that the thread is attached to, as the file system has it.
    static std::vector<std::string> search_path() {
        std::vector<std::string> folders;
        PyObject *const path = PySys_GetObject("path");  // borrowed
        for (Py_ssize_t i = 0; path != nullptr && PyList_Check(path) && i < PyList_Size(path); ++i) {
            const detail::owned item(PySequence_GetItem(path, i));
            const detail::owned encoded(item && PyUnicode_Check(item.get()) ? PyUnicode_EncodeFSDefault(item.get())
                                                                            : nullptr);
            if (encoded)
                folders.emplace_back(PyBytes_AS_STRING(encoded.get()));
            PyErr_Clear();
        }
        return folders;
    }

    static void set_search_path(const std::vector<std::string> &folders) {
        const detail::owned path = detail::demand(PyList_New(0));
        for (const std::string &folder : folders) {
            const detail::owned item = detail::demand(PyUnicode_DecodeFSDefault(folder.c_str()));
            if (PyList_Append(path.get(), item.get()) != 0)
                detail::throw_python_error();
        }
        if (PySys_SetObject("path", path.get()) != 0)
            detail::throw_python_error();
    }

    void prepare(const subinterpreter_config &config, const std::vector<std::string> &folders) {
        keep_first_state();
        {
            const attach_guard attached(view());
            keeps_states_ = detail::can_be_parked(PyThreadState_Get());
            set_search_path(folders);
            for (const std::string &module : config.imports)
                detail::demand(PyImport_ImportModule(module.c_str()));
            if (!config.startup.empty()) {
                PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));  // borrowed
                const detail::owned code =
                    detail::demand(Py_CompileString(config.startup.c_str(), "<startup>", Py_file_input));
                detail::demand(PyEval_EvalCode(code.get(), names, names));
            }
        }
        forget_state();
    }

    // --- a state that this thread keeps ----------------------------------------------------------

    /// This thread attaches with the state the interpreter began with, where there is one: `threading` of up to 3.12
    /// takes the state that imports it for that of its main thread. Where states cannot be kept, until forget_state().
    void keep_first_state() const noexcept {
        if (creation_state_ != nullptr)
            keep(creation_state_, false);
    }

    /// Where states cannot be kept in sub-interpreters: until forget_state(), this thread attaches with one and
    /// the same state all the same. It must end the interpreter, too.
    void keep_state() const noexcept {
        if (keeps_states_)
            return;
        keep_first_state();
        if (creation_state_ == nullptr)
            keep(detail::new_state(static_cast<PyInterpreterState *>(ref_.record->interpreter.load())), true);
    }

    void keep(PyThreadState *state, bool ours) const noexcept {
        detail::thread_record *const self = detail::this_thread();
        detail::thread_slot *const slot = self != nullptr ? detail::slot_for(*self, *ref_.record) : nullptr;
        if (slot == nullptr || state == nullptr)
            return;  // no memory: each attach then tries to make a state of its own
        slot->kept = state;
        slot->kept_generation = ref_.generation;
        slot->kept_is_ours = ours;
    }

    /// Detached, on the thread that kept it, before the interpreter is closed.
    void forget_state() const noexcept {
        if (keeps_states_)
            return;
        detail::thread_record *const self = detail::this_thread();
        detail::thread_slot *const slot = self != nullptr ? detail::slot_for(*self, *ref_.record) : nullptr;
        if (slot == nullptr || slot->kept_generation != ref_.generation)
            return;
        detail::end_kept_state(*self, *slot);  // if it is ours
        slot->kept = nullptr;
    }

    /// What this thread keeps in the interpreter; null if nothing.
    [[nodiscard]] PyThreadState *kept_here() const noexcept {
        detail::thread_record *const self = detail::this_thread();
        detail::thread_slot *const slot = self != nullptr ? detail::slot_for(*self, *ref_.record) : nullptr;
        if (slot == nullptr || slot->kept_generation != ref_.generation || !ref_.record->is_kept(slot->kept))
            return nullptr;
        return static_cast<PyThreadState *>(slot->kept);
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
            if (state == own || state == creation_state_ || ref_.record->is_kept(state))
                continue;
            attached_thread row;
            row.where = "has a thread state of its own here, which did not come through the gate";
            row.since = std::chrono::steady_clock::now();
            last_.still_inside.push_back(std::move(row));
        }
    }

    interpreter_view main_;
    link_to_main link_{*this};
    detail::interpreter_ref ref_;
    PyThreadState *creation_state_ = nullptr;  // where an interpreter cannot be without any state
    std::thread::id creator_ = std::this_thread::get_id();
    finalize_report last_;
    bool finalized_ = false;
    bool keeps_states_ = false;
    bool closed_by_main_ = false;  // and not by its owner: the main interpreter's reopen() takes it back
    bool is_handed_over_ = false;  // it is on the heap, and nobody's
};

}  // namespace holdfast
