// holdfast/lifecycle/interpreter.hpp: the process's main interpreter, from its start to its end.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <thread>
#include <utility>

#include <holdfast/annotations.hpp>
#include <holdfast/attach/guards.hpp>
#include <holdfast/error.hpp>
#include <holdfast/lifecycle/config.hpp>
#include <holdfast/lifecycle/module_search_path.hpp>
#include <holdfast/lifecycle/told_to_end.hpp>
#include <holdfast/report.hpp>

namespace holdfast {

/// For finalize(): how long the threads inside may continue undisturbed.
struct interrupt_after {
    std::chrono::milliseconds patience{0};  ///< counts from the call of finalize()
};

/// Owns the main interpreter of the process.
///
/// Movable. After a move or release() the object holds no Python: its view() is dead, its
/// destructor does nothing, and finalize() and reopen() throw HF257. An assignment first ends what
/// the object held, as the destructor does.
///
/// Owns:    Python, from construction to finalize() or the destructor; after adopt(), only
///          finalize() ends it.
/// Threads: construct, finalize and destroy on one thread, which Python takes for its main thread;
///          view() from any thread. The constructing thread ends up detached, like all others.
class interpreter {
public:
    /// Starts Python.
    /// \throws startup_error  Python cannot be started with this configuration; after HF230, not
    ///                        again in this process.
    /// \throws usage_error    HF214, HF215: Python is already running.
    HOLDFAST_DETAIL_NAMED explicit interpreter(const interpreter_config &config = {});

    /// Takes over a Python that other code started, or that was release()d.
    ///
    /// If this code is to end that Python, call adopt() and finalize() on the thread that Python
    /// takes for its main thread. Without finalize(), the destructor leaves Python running, and the
    /// code that started it ends it. Once it does, this object is done as well: finalize() reports
    /// "finalized". The calling thread may be attached or detached, and is left as it was. The
    /// thread state that it attaches with must live until finalize().
    /// \throws usage_error   HF256 no Python is running; HF214 a holdfast::interpreter holds it.
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

    /// Finalizes without a time limit, unless that was done, and reports on stderr every few
    /// seconds what it waits for. In a child that was forked without Python's hooks it does
    /// nothing. If the host's own Py_FinalizeEx() came first, it reports that (HF225) and touches
    /// nothing.
    ///
    /// If the only obstacle left is sub-interpreters that other code made, for example Python's
    /// `interpreters` module, it reports that (HF242) and leaves Python running, closed, because
    /// the code that could end them can no longer attach. It does the same if finalize() would
    /// throw. It leaves an adopted Python running, and opens it again if finalize() closed it.
    ~interpreter();

    /// Leaves Python running, for good or until adopt(): nothing waits for its threads, and it ends
    /// with the process, without its exit functions. If a finalize() that ran into its limit closed it,
    /// it is open again. The object then holds nothing.
    /// \return the view of the Python that keeps running.
    interpreter_view release() noexcept;

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes the gate, waits for all threads inside, and ends Python.
    ///
    /// New threads are refused from this call on. If threads are still inside after `limit`, Python
    /// keeps running, closed: call again to continue waiting, or reopen(). Once finalized, further
    /// calls return the same report. If the host's own Py_FinalizeEx() came first, nothing is
    /// touched, and the report says so (HF225).
    ///
    /// \param limit  the longest wait, by the steady clock; milliseconds::max() for no limit.
    /// \throws usage_error   HF210 wrong thread, HF211 the caller holds a guard of this interpreter
    ///                       or of a sub-interpreter, HF212 called from inside Python, HF257 the
    ///                       object holds no Python; nothing was touched.
    /// \throws closed_error  in a forked child in which Python's fork hooks did not run.
    /// \param others  what to do about detached thread states that did not come through the gate.
    finalize_report finalize(std::chrono::milliseconds limit,
                             detached_states others = detached_states::named);

    /// The same, but interrupts the threads that are still inside after `patience`, once. A thread
    /// that is queued to attach is refused with a closed_error. In the Python code of the others it
    /// raises holdfast.Interrupted, a BaseException, at the next bytecode. The exception comes a
    /// little later where it would strand other threads: in the import system, while a `with` block
    /// is entered or left, and in a `__del__`. A thread that is blocked in C gets it when the C
    /// code returns. A thread that stays attached in C cannot be interrupted, and is reported as
    /// usual. Nor are the threads inside sub-interpreters, which finalize() only waits for.
    finalize_report finalize(std::chrono::milliseconds limit, interrupt_after patience,
                             detached_states others = detached_states::named);

    /// Opens the gate again after finalize() ran into its limit. This also reopens the
    /// sub-interpreters that it had closed and not yet ended. Pools of sub-interpreters stay
    /// closed.
    ///
    /// An exception of interrupt_after that a thread has not received yet is taken back. Thread
    /// pools of concurrent.futures can be made again, in the sub-interpreters, too. One that exists may
    /// be dead: finalize() has told it to end, as Python's own shutdown does, and its threads that had
    /// nothing to do are gone. If another thread holds the interpreter for more than 200 ms, nothing is
    /// taken back, or, without a GIL, a part. On a slow machine reopen() may wait for up to 10 s.
    /// \throws usage_error  HF217 if the interpreter is not closed, or is gone; HF210 wrong thread.
    void reopen();

private:
    struct nothing {};
    explicit interpreter(nothing) noexcept {}

    void take(interpreter &other) noexcept;

    /// The Python that this object held has ended, or will, without it. Opens the gate if
    /// finalize() closed it.
    void give_up() noexcept;

    void open_again() noexcept;

    finalize_report finalize_by(std::chrono::steady_clock::time_point deadline,
                                std::chrono::steady_clock::time_point interrupt_at,
                                detached_states others);

    /// By a Py_FinalizeEx() that finalize() did not call.
    [[nodiscard]] bool finalized_by_another() const noexcept;

    /// One round of the destructor. True: there is nothing more to do.
    /// \param nobody_else_before  in the round before, only sub-interpreters made by other code
    ///                            were left.
    bool finish_round(bool nobody_else_before);

    /// Writes out the buffers of sys.stdout and sys.stderr if Python's end will not do so.
    /// Detached.
    void flush_output() const;

    static usage_error already_running();

    void start(const interpreter_config &config);

    /// Attached: the setup that must be complete before another thread attaches. Opens the gate
    /// last.
    HOLDFAST_REQUIRES_ATTACHED void settle(const interpreter_config &config);

    static void set_switch_interval(std::chrono::microseconds interval);

    void demand_held() const;
    /// \throws usage_error  HF210
    void demand_starter(const char *called) const;
    void demand_right_caller() const;

    // The thread that may finalize; none if it was adopted on a thread other than Python's main one
    std::thread::id starter_;
    PyThreadState *main_state_ = nullptr;
    detail::interpreter_ref ref_;
    finalize_report last_;
    detail::told_to_end told_;  // by finalize(), since the gate was last open
    bool is_adopted_ = false;
    bool is_closed_ = false;                  // by finalize(), and not reopened
    bool ending_ = false;                     // this thread is inside finalize()
    bool only_subinterpreters_left_ = false;  // the last finalize() met only sub-interpreters made
                                              // by other code
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/interpreter.ipp>
#endif
