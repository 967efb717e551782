// holdfast/attach/view.hpp: weak and strong handles on an interpreter: views and guards.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <new>
#include <utility>

#include <holdfast/attach/register_interpreter.hpp>
#include <holdfast/closed_reason.hpp>

namespace holdfast {

namespace detail {

/// The first run of the main interpreter, for views that were taken before it. Until it starts, the
/// generation is 0.
interpreter_ref first_run() noexcept;

/// \throws closed_error
[[noreturn]] void refuse(closed_reason reason);

}  // namespace detail

/// A weak handle that names one interpreter of this process, running or gone.
///
/// A view made before a restart stays dead: it never names the interpreter that came after.
///
/// Threads: copy and use from any thread at any time, attached or not.
class interpreter_view {
public:
    /// Names no interpreter: attaching through it is refused.
    interpreter_view() = default;
    explicit interpreter_view(detail::interpreter_ref ref) noexcept : ref_(ref) {}

    /// Whether an attach would be admitted now. Only a hint: the answer may be outdated when you
    /// get it.
    [[nodiscard]] bool alive() const noexcept {
        return detail::refusal(ref()) == closed_reason::none;
    }

    /// Why an attach would be refused now; closed_reason::none if it would be admitted.
    [[nodiscard]] closed_reason reason() const noexcept { return detail::refusal(ref()); }

    [[nodiscard]] detail::interpreter_ref ref() const noexcept {
        return ref_.generation != 0 || ref_.record == nullptr ? ref_ : detail::first_run();
    }

    /// The reference as it was taken; generation 0 if it names the first run. An attach compares
    /// this, and resolves a first run off its fast path.
    [[nodiscard]] detail::interpreter_ref unresolved_ref() const noexcept { return ref_; }

    friend bool operator==(const interpreter_view &a, const interpreter_view &b) noexcept {
        return a.ref() == b.ref();
    }
    friend bool operator!=(const interpreter_view &a, const interpreter_view &b) noexcept {
        return a.ref() != b.ref();
    }

private:
    // Generation 0, with a record: the first run, which is still to come
    detail::interpreter_ref ref_;
};

/// The main interpreter, whichever code started it.
///
/// If it is taken before Python first starts, it names that first run: it is refused as not
/// started, then works, and is stale after a restart. So a library may take it at any time and pass
/// it to its threads. In a process in which holdfast did not start Python, the first call attaches
/// for a moment, and so does the first use of a view that was taken before the start.
interpreter_view main_view() noexcept;

/// A strong handle: finalization waits until it is gone. Its holder need not be attached.
///
/// Make it where work is handed over (on the thread that is inside) and move it to where the work
/// is done. An attach_guard made from it is admitted even while the interpreter is closing.
///
/// Threads: one at a time; may be moved to another thread, and destroyed there.
class interpreter_guard {
public:
    /// \throws closed_error if finalization has begun, or there is no interpreter.
    HOLDFAST_DETAIL_NAMED explicit interpreter_guard(const interpreter_view &view,
                                                     call_site site = call_site::current())
        : interpreter_guard(view, std::nothrow, site) {
        if (!*this)
            detail::refuse(reason_);
    }

    /// Reports a refusal instead of throwing: test the guard.
    HOLDFAST_DETAIL_NAMED interpreter_guard(const interpreter_view &view, std::nothrow_t,
                                            call_site site = call_site::current()) noexcept
        : ref_(view.ref()), reason_(detail::refusal(view.ref())) {
        // A thread that is inside passes a closed gate: what it starts is part of what is drained.
        if (reason_ == closed_reason::none || reason_ == closed_reason::finalizing)
            enter(site);
    }

    /// Moving a guard hands it over: from then on, the thread that took it may finalize. Nobody
    /// knows whose a moved guard is, so in a forked child it holds nothing back, even if it is the
    /// forking thread's.
    interpreter_guard(interpreter_guard &&other) noexcept { *this = std::move(other); }
    interpreter_guard &operator=(interpreter_guard &&other) noexcept {
        std::swap(entry_, other.entry_);
        std::swap(ref_, other.ref_);
        std::swap(reason_, other.reason_);
        if (entry_ != nullptr)
            ref_.record->door.disown(*entry_);
        return *this;
    }

    ~interpreter_guard() {
        if (entry_ != nullptr)
            leave();
    }

    explicit operator bool() const noexcept { return entry_ != nullptr; }
    [[nodiscard]] closed_reason reason() const noexcept { return reason_; }
    [[nodiscard]] interpreter_view view() const noexcept { return interpreter_view(ref_); }

private:
    void enter(call_site site) noexcept;
    void leave() noexcept;

    detail::gate_entry *entry_ = nullptr;  // owned; linked in the gate
    detail::interpreter_ref ref_;
    closed_reason reason_ = closed_reason::none;
};

}  // namespace holdfast

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/attach/view.ipp>
#endif
