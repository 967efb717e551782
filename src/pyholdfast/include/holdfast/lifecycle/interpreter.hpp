// holdfast/lifecycle/interpreter.hpp: the main interpreter of the process, from its start to a clean end.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <thread>
#include <utility>

#include <holdfast/attach/thread_state.hpp>
#include <holdfast/lifecycle/config.hpp>
#include <holdfast/lifecycle/default_modules.hpp>
#include <holdfast/report.hpp>

namespace holdfast {

/// For finalize(): how long those inside may go on undisturbed.
struct interrupt_after {
    std::chrono::milliseconds patience{0};  ///< counts from the call of finalize()
};

/// Owns the main interpreter of the process.
///
/// Movable: an object that was moved from, or released, holds no Python. Its view() is dead, its
/// destructor does nothing, and finalize() and reopen() throw HF257. An assignment ends what the
/// object held, as the destructor does.
///
/// Owns:    Python, from construction to finalize() or the destructor; adopted, only what
///          finalize() ends.
/// Threads: construct, finalize and destroy on one thread, which Python takes for its main thread;
///          view() from any thread. The constructing thread ends up detached, like all others.
class interpreter {
public:
    /// Starts Python.
    /// \throws startup_error  Python cannot be started so; after HF230 not in this process any
    ///     more.
    /// \throws usage_error    HF214, HF215: Python runs already.
    HOLDFAST_DETAIL_NAMED explicit interpreter(const interpreter_config &config = {});

    /// The same object for a Python that somebody else has started, or that was release()d.
    ///
    /// finalize() ends that Python, if it is for this code to end it, on the thread that Python
    /// takes for its main thread; adopt() must have been called there. Without finalize(), the
    /// destructor leaves Python as it is, and whoever started it ends it. Then the object is done,
    /// too: finalize() says finalized. Attached or not; the calling thread is left as it was. The
    /// state that it attaches with must live until finalize().
    /// \throws usage_error   HF256 no Python runs; HF214 a holdfast::interpreter has it.
    /// \throws closed_error  it is ending.
    [[nodiscard]] static interpreter adopt();

    interpreter(interpreter &&other) noexcept { take(other); }
    interpreter &operator=(interpreter &&other) noexcept {
        if (this != &other) {
            const interpreter ends_what_was_here(std::move(*this));
            take(other);
        }
        return *this;
    }

    /// Finalizes without a limit, if that has not been done, and says every few seconds on stderr
    /// whom it waits for. In a child that was forked without Python's hooks it does nothing. Where
    /// a Py_FinalizeEx() of the host's has been faster, it says so (HF225) and touches nothing.
    ///
    /// If in the end nothing is in the way but sub-interpreters that somebody else has made, e.g.
    /// Python's `interpreters` module, it says so (HF242) and leaves Python running, closed: who
    /// could end them is outside already. It does the same where finalize() would throw. An adopted
    /// Python it leaves as it is.
    ~interpreter();

    /// Leaves Python running, for good or until somebody adopts it: nobody waits for its threads,
    /// and it ends with the process, without its exit functions. The object holds nothing any more.
    /// \return the view of what runs on.
    interpreter_view release() noexcept;

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes the gate, waits for everybody inside, and ends Python.
    ///
    /// Newcomers are refused from this call on. If threads are still inside after `limit`, Python
    /// goes on running, closed: call again to go on waiting, or reopen(). Once finalized, further
    /// calls return the same report. If a Py_FinalizeEx() of the host's has been faster, nothing is
    /// touched, and the report says so (HF225).
    ///
    /// \param limit  longest wait by the steady clock; milliseconds::max() for no limit.
    /// \throws usage_error   HF210 other thread, HF211 the caller holds a guard, of this or of a
    ///                       sub-interpreter, HF212 called from inside Python, HF257 nothing is held; nothing
    ///                       was touched.
    /// \throws closed_error  in a forked child where Python's fork hooks did not run.
    /// \param others  what to do about thread states of others that are detached then.
    finalize_report finalize(std::chrono::milliseconds limit,
                             detached_states others = detached_states::named);

    /// The same, and those still inside after `patience` are interrupted, once: a thread that is
    /// queued to attach is refused by a closed_error; in the Python code of the others
    /// holdfast.Interrupted, a BaseException, is raised at the next bytecode, or a little later
    /// where it would strand other threads: within the import system, while a `with` block is
    /// entered or left, and in a `__del__`. A thread that is blocked in C meets it when it comes
    /// back; one that holds the interpreter in C cannot be told, and is reported as ever.
    finalize_report finalize(std::chrono::milliseconds limit, interrupt_after patience,
                             detached_states others = detached_states::named);

    /// Admits again, after finalize() returned because its limit had passed. So do the
    /// sub-interpreters that it had closed and not yet ended. Pools of sub-interpreters stay
    /// closed.
    /// \throws usage_error  HF217 if the interpreter is not closed, or is gone.
    void reopen();

private:
    struct nothing {};
    explicit interpreter(nothing) noexcept {}

    void take(interpreter &other) noexcept;

    /// What is held has ended, or will, without this object.
    void give_up() noexcept;

    finalize_report finalize_by(std::chrono::steady_clock::time_point deadline,
                                std::chrono::steady_clock::time_point interrupt_at,
                                detached_states others);

    /// By a Py_FinalizeEx() that is not finalize()'s.
    [[nodiscard]] bool finalized_by_another() const noexcept;

    /// One round of the destructor's. True: nothing more is to be done.
    /// \param nobody_else_before  in the round before, only others' sub-interpreters were in the
    ///     way.
    bool finish_round(bool nobody_else_before);

    /// Writes what sys.stdout and sys.stderr hold back, where Python's end will not. Detached.
    void flush_output() const;

    static usage_error already_running();

    void start(const interpreter_config &config);

    /// Attached: what must be so before anybody else comes in. Opening the gate is the last step.
    void settle(const interpreter_config &config);

    static void set_switch_interval(std::chrono::microseconds interval);

    void demand_held() const;
    void demand_right_caller() const;

    // May finalize; nobody if it was adopted on another thread than Python's main one
    std::thread::id starter_;
    PyThreadState *main_state_ = nullptr;
    detail::interpreter_ref ref_;
    finalize_report last_;
    bool is_adopted_ = false;
    bool ending_ = false;                     // this thread is within finalize()
    bool only_subinterpreters_left_ = false;  // others' were all that the last finalize() met
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/interpreter.ipp>
#endif
