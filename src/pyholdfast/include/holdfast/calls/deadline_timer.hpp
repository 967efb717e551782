// holdfast/calls/deadline_timer.hpp: interrupts calls that exceed their time limit.
//
// Each interpreter that has calls with a limit has one thread for them. The first such call starts
// it, and it sleeps until a limit is reached. Then it attaches to that interpreter and interrupts
// the call, or a little later if that would strand other threads (async_raise.hpp). The thread
// starts before the call does: a limit that could not be kept is refused.
//
// Why one thread per interpreter is necessary and enough: the thread may wait long to attach,
// because another thread holds the interpreter. In that interpreter no other thread could interrupt
// anything meanwhile; in other interpreters, interrupting must stay possible.
//
// Why it may attach: the call is attached, and so inside the gate, until remove() has returned, and
// remove() waits, detached, for a thread that is about to interrupt it. So finalization cannot
// begin meanwhile.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include <holdfast/annotations.hpp>
#include <holdfast/interrupts/async_raise.hpp>
#include <holdfast/lifecycle/retry_pause.hpp>
#include <holdfast/platform/fork_local.hpp>

namespace holdfast::detail {

struct limit_watcher;

/// A call in progress, on its caller's stack.
struct timed_call {
    enum class stage : unsigned char { waiting, over, interrupted };

    std::chrono::steady_clock::time_point deadline;
    PyInterpreterState *interpreter = nullptr;
    std::uint64_t thread = 0;    // ident
    stage now = stage::waiting;  // this and all below: guarded by the timer's mutex
    limit_watcher *watcher = nullptr;
    timed_call *next = nullptr;
    timed_call *prev = nullptr;
    // The watcher uses these while the call is `over`.
    timed_call *next_over = nullptr;  // the next of the calls that are interrupted together
    raise_outcome outcome = raise_outcome::held_off;
    retry_pause pause;
    asked_check asked;
};

/// A thread, and the calls of one interpreter that it watches. Without calls it sleeps, and can
/// take on another interpreter.
struct limit_watcher {
    PyInterpreterState *interpreter = nullptr;  // guarded by the timer's mutex, like all below
    timed_call *first = nullptr;
    std::chrono::steady_clock::time_point wakes_at = std::chrono::steady_clock::time_point::max();
    limit_watcher *next = nullptr;
    std::condition_variable changed;  // a nearer deadline, or a call that was interrupted
};

/// The calls that have a limit, and the threads that watch them.
///
/// Its threads run until the process ends; a forked child, which has none of them, makes another
/// timer.
///
/// Lock order: `mutex_` is a leaf; no thread holds it while attaching.
class call_timer : public of_one_process {
public:
    /// This process's timer.
    static call_timer &get() { return of_this_process<call_timer>(); }

    /// \throws std::system_error  the system has no thread to watch the limit.
    void add(timed_call &call);

    /// The call is over. If it is being interrupted right now, this waits for that. For this and
    /// raise_again_around(), the caller holds off cancellation: they wait, and cannot be unwound.
    HOLDFAST_REQUIRES_ATTACHED void remove(timed_call &call) noexcept;

    /// Whether the call's limit was reached before it ended.
    [[nodiscard]] bool has_interrupted(const timed_call &call) noexcept;

    /// A thread has room for one exception, so an ended call may have taken one that was also meant
    /// for the calls around it. Those whose limit was reached are interrupted again, unless their
    /// exception is still pending.
    HOLDFAST_REQUIRES_ATTACHED void raise_again_around(const timed_call &ended) noexcept;

private:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::milliseconds until_there_may_be_memory{10};
    static constexpr int tries_at_one_go = 4;

    friend call_timer &of_this_process<call_timer>();
    call_timer() = default;

    /// Calls visit(call) for each call of the same thread in the same interpreter.
    template <class Visit>
    static void visit_around_locked(const timed_call &ended, Visit visit) noexcept {
        for (timed_call *call = ended.watcher->first; call != nullptr; call = call->next)
            if (call->thread == ended.thread && call->interpreter == ended.interpreter)
                visit(*call);
    }

    /// The interpreter's watcher, else an idle one, else a new one.
    limit_watcher &watcher_of_locked(PyInterpreterState *interpreter);

    [[noreturn]] void watch(limit_watcher &self);

    /// Returns the calls whose limit was reached, as a chain, and sets when to look again.
    static timed_call *take_over_locked(limit_watcher &self) noexcept;

    /// Not under the mutex: calls stay in place while they are `over`. False: no memory.
    static bool interrupt(PyInterpreterState *interpreter, timed_call *over) noexcept;

    /// Asks at least one of the threads, if one runs. Detached; their states live until remove()
    /// has returned.
    static void ask(timed_call *over) noexcept;

    /// True if no thread is to be tried again at once.
    HOLDFAST_REQUIRES_ATTACHED static bool try_each(timed_call *over) noexcept;

    static void settle_locked(timed_call *over, bool done) noexcept;

    std::mutex mutex_;
    limit_watcher *watchers_ = nullptr;  // guarded by mutex_; the watchers are never freed
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/deadline_timer.ipp>
#endif
