// holdfast/lifecycle/subinterpreter.hpp: another interpreter, with its own GIL if CPython can.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <utility>

#include <holdfast/error.hpp>
#include <holdfast/lifecycle/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter_config.hpp>
#include <holdfast/lifecycle/subinterpreter_lifetime.hpp>

namespace holdfast {

namespace detail {
class subinterpreter_worker_group;
}

/// Owns a sub-interpreter of the process.
///
/// Any native thread attaches with attach_guard(view()), and keeps its thread state for its next
/// attach. The thread that ends the interpreter deletes the states that other threads keep. It
/// starts with the main interpreter's sys.path.
///
/// In a sub-interpreter with its own GIL, CPython refuses extension modules that do not declare
/// support for it (HF307). 3.12 refuses them too late and crashes, unless the module was first
/// imported in the main interpreter: use `imports`, or import it yourself. The main interpreter's
/// finalize() also ends this one, if it still exists. If that runs into its limit, this one stays
/// closed until the main interpreter's reopen().
///
/// On 3.10 and 3.11 a library that calls PyGILState_Ensure while attached here deadlocks: there
/// CPython's PyGILState knows only the main interpreter.
///
/// Threads: construct, finalize and destroy on any thread, one at a time. The main interpreter's
///          finalize() may run at the same time, on its own thread.
class subinterpreter {
public:
    /// Attaches to the main interpreter during the construction.
    /// \throws closed_error   the main interpreter is not open.
    /// \param main  the main interpreter: a holdfast::interpreter, or main_view().
    /// \throws startup_error  HF240 CPython could not create it.
    /// \throws python_error   an import, or `startup`, failed. The interpreter has been ended
    ///                        again, or, if its Python threads do not end within a few seconds
    ///                        (HF218), is left to the main interpreter's finalize().
    explicit subinterpreter(const interpreter_view &main,
                            const subinterpreter_config &config = {}) {
        // Released last: after a failed attempt has been ended
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
    /// A moved-from object owns nothing: its view is dead, and finalize() and reopen() throw HF250.
    subinterpreter(subinterpreter &&other) noexcept : its_(std::exchange(other.its_, nullptr)) {}
    subinterpreter &operator=(subinterpreter &&other) noexcept {
        subinterpreter before(std::move(*this));  // ends what this object owned
        its_ = std::exchange(other.its_, nullptr);
        return *this;
    }

    /// Finalizes without a time limit, and reports on stderr every few seconds what it waits for.
    /// Where finalize() would throw, it reports that and leaves the sub-interpreter to the main
    /// interpreter's finalize(). If that is already running, it does so silently.
    ~subinterpreter() {
        if (its_ != nullptr)
            its_->let_go();
    }

    [[nodiscard]] interpreter_view view() const noexcept {
        return its_ != nullptr ? its_->view() : interpreter_view();
    }
    operator interpreter_view() const noexcept { return view(); }

    /// Closes its gate, waits for all threads inside, and ends it. Like interpreter::finalize(),
    /// but callable from any thread that is not inside. If the caller is attached to another
    /// interpreter, it is detached meanwhile. If the main interpreter's finalize() is ending this
    /// one at the same time, the call waits for that, up to the limit.
    /// \throws usage_error   HF211 the caller is inside; HF212 called from inside Python, or, by a
    ///                       caller that is detached or attached to another interpreter, from
    ///                       inside Python code of this one. Nothing was touched.
    /// \throws closed_error  the main interpreter is not open, so no thread can attach to end this
    ///                       one, which is closed until the main one's reopen(); or the process is
    ///                       a forked child (HF205).
    finalize_report finalize(std::chrono::milliseconds limit) { return its().finalize(limit); }

    /// Opens the gate again after finalize() ran into its limit. Thread pools can be made again, as
    /// after interpreter::reopen().
    /// \throws usage_error   HF217
    /// \throws closed_error  HF205 in a forked child.
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
