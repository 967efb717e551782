// holdfast/lifecycle/subinterpreter_lifetime.hpp: a sub-interpreter made by holdfast, from start to end.
//
// Two threads may end it: the owner of the holdfast::subinterpreter, and the main interpreter's
// finalize(). Either may come while the other is ending it, and the owner may disappear in between.
//
// The hand-over
// -------------
// - `is_busy_`: a thread that ends the interpreter, or reopens its gate, takes this first and releases
//   it afterwards. So no thread looks into an interpreter that another thread is taking down; the
//   second thread finds it ended.
// - `progress_`: two bits, `let_go_of` (the owner is gone) and `done` (the interpreter is gone). Each
//   is set once, and the thread that sets the second one deletes this object. The word is atomic,
//   so exactly one thread does.
// - The main interpreter's end uses this object from child_chain::next_to_end() until
//   ended_one(). The thread that deletes the object first removes it from the chain with
//   remove(), which waits for ended_one(). If the main interpreter's end deletes it, it does
//   so as its last step, on the same thread, which does not wait for itself.
//   tests/model/child_end.pml states the same for the model checker.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/annotations.hpp>
#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/interpreter_creation_lock.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>
#include <holdfast/lifecycle/told_to_end.hpp>
#include <holdfast/platform/condition.hpp>
#include <holdfast/platform/plain_mutex.hpp>

namespace holdfast::detail {

/// Owns:       the interpreter. Lives on the heap; its owner ends it with let_go().
/// Threads:    any.
/// Lock order: under `mutex_` only the gate is opened. `is_busy_` comes before gates and the creation
///             lock; no thread waits for it attached.
class child_interpreter final : public child {
public:
    /// Attached to the main interpreter, with the creation lock.
    [[nodiscard]] HOLDFAST_REQUIRES_ATTACHED static child_interpreter *make(
        const interpreter_view &main, const subinterpreter_config &config);

    child_interpreter(const child_interpreter &) = delete;
    child_interpreter &operator=(const child_interpreter &) = delete;

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }

    /// subinterpreter::finalize().
    finalize_report finalize(std::chrono::milliseconds limit);

    /// subinterpreter::reopen().
    void reopen();

    /// The owner's last call: ends the interpreter, or leaves that to the main interpreter's end.
    /// The object may be gone afterwards.
    void let_go() noexcept;

    // For a thread that makes, uses and ends its interpreter; see below.
    void keep_state() const noexcept;
    /// Detached, on the thread that cached the state, before the interpreter is closed.
    void forget_state() const noexcept;

private:
    static constexpr unsigned let_go_of = 1, done = 2;

    /// The thread that has it may end the interpreter. Detached: it waits.
    class busy {
    public:
        busy(child_interpreter &its, std::chrono::steady_clock::time_point deadline);
        busy(const busy &) = delete;
        busy &operator=(const busy &) = delete;
        ~busy();
        explicit operator bool() const noexcept { return has_it_; }

    private:
        child_interpreter &its_;
        bool has_it_ = false;
    };

    struct deletion {
        void operator()(child_interpreter *its) const noexcept { delete its; }
    };

    explicit child_interpreter(const interpreter_view &main) noexcept : main_(main) {
        end = [](child &self, std::chrono::steady_clock::time_point deadline, obstacles &found) {
            auto &its = static_cast<child_interpreter &>(self);
            if (its.end_with_main(deadline, found))
                its.remove();
        };
        reopening = [](child &self) {
            static_cast<child_interpreter &>(self).take_back_with_main();
        };
        reopened = [](child &self) noexcept {
            static_cast<child_interpreter &>(self).reopened_with_main();
        };
    }
    ~child_interpreter() = default;

    /// Makes the interpreter. If this throws, there is none, and the caller must delete this
    /// object.
    void begin(const subinterpreter_config &config);

    /// Its start has failed. It is waited for with a limit, since the caller is owed an exception;
    /// only an attach has none if there is no thread or no memory to keep it. The object may be gone
    /// afterwards.
    void end_failed() noexcept;

    /// The last step of its owner. The object may be gone afterwards.
    void leave() noexcept;

    void remove() noexcept;

    [[nodiscard]] bool is_done() const noexcept {
        return (progress_.load(std::memory_order_acquire) & done) != 0 || !is_ours();
    }

    /// The main interpreter is closing and ends what is left: no thread can attach to it to end
    /// this one here.
    [[nodiscard]] bool is_left_to_main() const noexcept {
        return main_.reason() == closed_reason::finalizing;
    }

    /// If another thread is busy with it, that thread has closed it, or is the main interpreter's
    /// reopen().
    void close_unless_busy();

    static finalize_report finalized_report() {
        finalize_report report;
        report.finalized = true;
        return report;
    }

    /// \throws usage_error
    void demand_right_caller() const;
    /// The thread that was busy with it, if one was, does not exist in the child.
    /// \throws closed_error
    void demand_not_forked() const;

    /// For the main interpreter's finalize(). True: the owner is gone, and the caller must delete
    /// this object.
    bool end_with_main(std::chrono::steady_clock::time_point deadline, obstacles &found);

    /// For the main interpreter's reopen(), before reopened_with_main().
    void take_back_with_main();

    /// Called under the mutex of the main interpreter's chain, so it does not wait. If a thread is
    /// busy with this one, that does it, unless it has closed this one itself meanwhile.
    void reopened_with_main() noexcept;

    /// How far the main interpreter's reopen() came while a thread was busy with this one.
    enum class missed : unsigned char { nothing, taking_back, reopening };
    /// By the busy thread, detached: it waits.
    void make_up_for(missed what) noexcept;
    /// By the busy thread, or with the mutex while there is none.
    void open_with_main() noexcept;

    /// Detached and busy, on a thread that is not inside.
    void finish(std::chrono::steady_clock::time_point deadline);

    [[nodiscard]] bool is_ours() const noexcept {
        return ref_.record != nullptr && ref_.record->generation.load() == ref_.generation &&
               ref_.record->interpreter.load() != nullptr;
    }

    [[noreturn]] static void refuse(const char *why);

    /// Attached to the main interpreter, also at the end.
    HOLDFAST_REQUIRES_ATTACHED void create(const subinterpreter_config &config);

    /// Drained and detached, with a limit: reports a thread that never detaches from this
    /// interpreter, or from the main one. CPython cannot attach with a time limit, and end_drained()
    /// attaches to both.
    void name_who_keeps_us_out(std::chrono::steady_clock::time_point deadline);

    /// Drained and detached: ends the interpreter, unless Python threads or unregistered threads
    /// are in it. The caller holds off cancellation.
    void end_drained(std::chrono::steady_clock::time_point deadline);

    /// Attached with `last`, also at the end, with or without the creation lock.
    HOLDFAST_REQUIRES_ATTACHED static void wait_for(interpreter_creation_lock &alone,
                                                    PyThreadState *last,
                                                    std::chrono::steady_clock::time_point deadline);

    // --- its beginning ---------------------------------------------------------------------------

    void prepare(const subinterpreter_config &config, const std::vector<std::string> &folders);

    // --- a state that this thread keeps ----------------------------------------------------------

    /// Makes this thread attach with the interpreter's first state, if that still exists: up to
    /// 3.12 `threading` takes the state that imports it for its main thread's. Where states cannot
    /// be cached, this lasts until forget_state().
    void keep_first_state() const noexcept;

    void keep(PyThreadState *state, bool ours) const noexcept;

    /// The state that this thread caches in the interpreter; null if there is none.
    [[nodiscard]] PyThreadState *cached_here() const noexcept;

    /// After Py_EndInterpreter(), which leaves no current state but, up to 3.11, the GIL.
    static void return_to(PyThreadState *state) noexcept;

    /// Reports states of threads that did not come through the gate: CPython up to 3.13 would abort
    /// the process.
    void name_unregistered_threads(PyInterpreterState *interpreter, PyThreadState *own);
    void wait_for_unregistered_threads(PyInterpreterState *interpreter, PyThreadState *own,
                                       std::chrono::steady_clock::time_point deadline);

    const interpreter_view main_;
    interpreter_ref ref_;
    PyThreadState *creation_state_ = nullptr;  // for versions where an interpreter must have a
                                               // state
    const std::thread::id creator_ = std::this_thread::get_id();
    // Its threads can cache their states; set before any other thread attaches
    bool keeps_states_ = false;

    std::atomic<unsigned> progress_{0};
    plain_mutex mutex_;
    condition given_up_;
    bool is_busy_ = false;  // guarded by mutex_, and so is the next one
    missed missed_ = missed::nothing;
    // Closed by the main interpreter, or by an owner's finalize() that was refused because that one is
    // closed: the main one's reopen() undoes it. Used by the busy thread
    bool closed_by_main_ = false;
    finalize_report last_;  // this and told_: used by the busy thread
    told_to_end told_;      // since the gate was last open
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/subinterpreter_lifetime.busy.ipp>
#include <holdfast/lifecycle/subinterpreter_lifetime.ipp>
#endif
