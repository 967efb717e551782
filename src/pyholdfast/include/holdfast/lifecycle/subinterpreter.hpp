// holdfast/lifecycle/subinterpreter.hpp: a second interpreter in the process, with a GIL of its own where CPython can.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <utility>

#include <holdfast/lifecycle/child_interpreter.hpp>
#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>

namespace holdfast {

namespace detail {
class subinterpreter_worker_group;
}

/// Owns a sub-interpreter of the process.
///
/// Any native thread attaches by attach_guard(view()), and keeps its thread state for its next
/// attach. Who ends the interpreter deletes what others keep. It begins with the main interpreter's
/// sys.path.
///
/// With a GIL of its own, CPython refuses extension modules that do not say they are ready for it
/// (HF307). 3.12 does so too late: import such a module in the main interpreter first, by `imports`
/// or yourself, or it crashes. The main interpreter's finalize() ends it, too, if it is still
/// there. When that runs into its limit, it leaves this one closed, until the main interpreter's
/// reopen().
///
/// On 3.10 and 3.11 a library that calls PyGILState_Ensure while attached here deadlocks: CPython's
/// PyGILState knows only the main interpreter there.
///
/// Threads: construct, finalize and destroy on any thread, one at a time. The main interpreter's
///          finalize() may run at the same time, on its own thread.
class subinterpreter {
public:
    /// Attaches to the main interpreter for the time it takes.
    /// \throws closed_error   the main interpreter is not open.
    /// \param main  the main interpreter: a holdfast::interpreter, or main_view().
    /// \throws startup_error  HF240 CPython could not make it.
    /// \throws python_error   an import, or `startup`, failed; the interpreter has been ended
    ///     again.
    explicit subinterpreter(const interpreter_view &main,
                            const subinterpreter_config &config = {}) {
        // Given up last: after an attempt that failed has been ended
        detail::interpreter_creation_lock alone;
        attach_guard attached(main);
        if (!main.ref().record->main.load())
            throw usage_error(
                "HF241",
                "a sub-interpreter cannot be made from the view of another sub-interpreter",
                "pass the holdfast::interpreter, or main_view()");
        if (!alone.try_take()) {
            const detach_guard detached;
            alone.take(std::chrono::steady_clock::time_point::max());
        }
        its_ = detail::child_interpreter::make(main, config);
    }

    subinterpreter(const subinterpreter &) = delete;
    subinterpreter &operator=(const subinterpreter &) = delete;
    /// What was moved from owns nothing: its view is dead, and finalize() and reopen() throw HF250.
    subinterpreter(subinterpreter &&other) noexcept : its_(std::exchange(other.its_, nullptr)) {}
    subinterpreter &operator=(subinterpreter &&other) noexcept {
        subinterpreter before(std::move(*this));  // ends what this owned
        its_ = std::exchange(other.its_, nullptr);
        return *this;
    }

    /// Finalizes without a limit; says every few seconds on stderr whom it waits for. Where
    /// finalize() would throw, it says so, and leaves the sub-interpreter to the main one's
    /// finalize(). So it does, without a word, while that is under way.
    ~subinterpreter() {
        if (its_ != nullptr)
            its_->let_go();
    }

    [[nodiscard]] interpreter_view view() const noexcept {
        return its_ != nullptr ? its_->view() : interpreter_view();
    }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes its gate, waits for everybody inside, and ends it. As interpreter::finalize(), but
    /// from any thread that is not inside. A caller that is attached to another interpreter is
    /// detached meanwhile. If the main interpreter's finalize() is ending it at the moment, that is
    /// waited for, up to the limit.
    /// \throws usage_error   HF211 the caller is inside, HF212 called from inside Python; nothing
    ///     was touched.
    /// \throws closed_error  the main interpreter is not open, so nobody may attach to end this
    ///     one.
    finalize_report finalize(std::chrono::milliseconds limit) { return its().finalize(limit); }

    /// Admits again, after finalize() returned because its limit had passed.
    /// \throws usage_error  HF217
    void reopen() { its().reopen(); }

private:
    friend class detail::subinterpreter_worker_group;

    [[nodiscard]] detail::child_interpreter &its() const {
        if (its_ == nullptr)
            throw usage_error("HF250",
                              "the holdfast::subinterpreter was moved from, and owns nothing",
                              "use the object that it was moved to");
        return *its_;
    }

    detail::child_interpreter *its_ = nullptr;  // null: moved from
};

}  // namespace holdfast
