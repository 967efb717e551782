// holdfast/lifecycle/child_interpreter.hpp: a sub-interpreter of holdfast's making, from its beginning to its end.
//
// Two may end it: whoever has the holdfast::subinterpreter, and the main interpreter's finalize().
// Each may come while the other is at it, and the owner may go in between.
//
// The hand-over
// -------------
//  - `busy_`: who ends it, or opens its gate again, has this first, and gives it up afterwards. So
//    nobody looks into an interpreter that another thread is taking down; who comes second finds it
//    done.
//  - `progress_`: two bits, `let_go` (the owner is gone) and `done` (the interpreter is). Each is
//    set once, and whoever sets the second one deletes this object: exactly one of the two, for the
//    word is atomic.
//  - The main interpreter's end has this object in hand from interpreter_record::next_to_end() on,
//    until ended_one(). Who deletes it takes it out of the chain first, by remove_child(), and that
//    waits for ended_one(). The end itself deletes it at its very end, on the same thread, which
//    does not wait for itself. tests/model/child_end.pml is this text for the model checker.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/interpreter_creation_lock.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>
#include <holdfast/platform/condition.hpp>

namespace holdfast::detail {

/// Owns:       the interpreter. Lives on the heap; let_go() is its owner's way to end it.
/// Threads:    any. Lock order: `mutex_` is a leaf. `busy_` comes before gates and the turn; nobody
///             waits for it attached.
class child_interpreter final : public child {
public:
    /// Attached to the main interpreter, with the turn.
    [[nodiscard]] static child_interpreter *make(const interpreter_view &main,
                                                 const subinterpreter_config &config);

    child_interpreter(const child_interpreter &) = delete;
    child_interpreter &operator=(const child_interpreter &) = delete;

    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }

    /// subinterpreter::finalize().
    finalize_report finalize(std::chrono::milliseconds limit);

    /// subinterpreter::reopen().
    void reopen();

    /// The owner's last call: ends the interpreter, or leaves it to the main one's end. The object
    /// may be gone then.
    void let_go() noexcept;

    // For a thread that makes, uses and ends its interpreter; see below.
    void keep_state() const noexcept;
    /// Detached, on the thread that kept it, before the interpreter is closed.
    void forget_state() const noexcept;

private:
    static constexpr unsigned let_go_of = 1, done = 2;

    /// Whoever has it may end the interpreter. Detached: it waits.
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
        end = [](child &self, std::chrono::steady_clock::time_point deadline,
                 finalize_report &report) {
            auto &its = static_cast<child_interpreter &>(self);
            if (its.end_with_main(deadline, report))
                its.remove();
        };
        reopened = [](child &self) noexcept {
            static_cast<child_interpreter &>(self).reopened_with_main();
        };
    }
    ~child_interpreter() = default;

    /// Makes the interpreter. If that throws, there is none, and this object is to be deleted.
    void begin(const subinterpreter_config &config);

    void remove() noexcept;

    [[nodiscard]] bool is_done() const noexcept {
        return (progress_.load(std::memory_order_acquire) & done) != 0 || !is_ours();
    }

    /// The main interpreter is closing, and ends what is left: nobody may attach to it to do that
    /// here.
    [[nodiscard]] bool is_left_to_main() const noexcept {
        return main_.reason() == closed_reason::finalizing;
    }

    /// Who is busy with it has closed it.
    void close_unless_busy();

    static finalize_report finalized_report() {
        finalize_report report;
        report.finalized = true;
        return report;
    }

    /// \throws usage_error
    void demand_right_caller() const;

    /// By the main interpreter's finalize(). True: the owner is gone, and this object is the
    /// caller's to delete.
    bool end_with_main(std::chrono::steady_clock::time_point deadline, finalize_report &report);

    /// Under the mutex of the main interpreter's chain: it does not wait. Whoever is busy with it
    /// wants it closed.
    void reopened_with_main() noexcept;

    /// Detached and busy, on a thread that is not inside.
    void finish(std::chrono::steady_clock::time_point deadline);

    [[nodiscard]] bool is_ours() const noexcept {
        return ref_.record != nullptr && ref_.record->generation.load() == ref_.generation &&
               ref_.record->interpreter.load() != nullptr;
    }

    [[noreturn]] static void refuse(const char *why);

    /// Attached to the main interpreter, and so again at the end.
    void create(const subinterpreter_config &config);

    /// Drained and detached: ends the interpreter, unless Python threads or strangers are in it.
    void end_drained(std::chrono::steady_clock::time_point deadline);

    /// Attached by `last`, and so again at the end, with or without the turn.
    static void wait_for(interpreter_creation_lock &alone, PyThreadState *last,
                         std::chrono::steady_clock::time_point deadline);

    // --- its beginning ---------------------------------------------------------------------------

    void prepare(const subinterpreter_config &config, const std::vector<std::string> &folders);

    // --- a state that this thread keeps ----------------------------------------------------------

    /// This thread attaches with the state the interpreter began with, where there is one:
    /// `threading` of up to 3.12 takes the state that imports it for that of its main thread. Where
    /// states cannot be kept, until forget_state().
    void keep_first_state() const noexcept;

    void keep(PyThreadState *state, bool ours) const noexcept;

    /// What this thread keeps in the interpreter; null if nothing.
    [[nodiscard]] PyThreadState *cached_here() const noexcept;

    /// After Py_EndInterpreter(), which leaves no current state, and up to 3.11 the GIL.
    static void return_to(PyThreadState *state) noexcept;

    /// States of threads that came in without the gate: CPython up to 3.13 would abort the process.
    void name_unregistered_threads(PyInterpreterState *interpreter, PyThreadState *own);

    const interpreter_view main_;
    interpreter_ref ref_;
    PyThreadState *creation_state_ = nullptr;  // where an interpreter cannot be without any state
    const std::thread::id creator_ = std::this_thread::get_id();
    // Its threads' states can be kept: set before anybody else comes in
    bool keeps_states_ = false;

    std::atomic<unsigned> progress_{0};
    std::mutex mutex_;
    condition given_up_;
    bool is_busy_ = false;  // guarded by mutex_
    // And not by its owner: the main one's reopen() takes it back; whoever is busy
    bool closed_by_main_ = false;
    finalize_report last_;  // whoever is busy
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/lifecycle/child_interpreter.ipp>
#endif
