// holdfast/calls/call_timer.hpp: who interrupts a call when its time is over.
//
// A thread for each interpreter that has calls with a limit: started by the first of
// them, asleep until a time is over. Then it attaches in that interpreter and interrupts the call
// there, or a little later if that would strand others (async_raise.hpp). It is started before the
// call: a limit that nobody could keep is refused.
//
// Why one for each is enough, and one for all is not: it may wait long to attach, because a thread
// holds the interpreter. In that interpreter nobody else could interrupt anything meanwhile; in the
// others it must be possible.
//
// Why it may attach: the call is attached, and so inside the gate, until remove() has returned, and
// remove() waits, detached, for a watcher that is on its way. So finalization cannot begin
// meanwhile.
#pragma once

#include <holdfast/python.hpp>  // first: CPython asks for it

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include <holdfast/interrupts/async_raise.hpp>
#include <holdfast/lifecycle/retry_pause.hpp>
#include <holdfast/platform/per_process.hpp>

namespace holdfast::detail {

struct limit_watcher;

/// A call that is being made, on its caller's stack.
struct timed_call {
    enum class stage : unsigned char { waiting, over, interrupted };

    std::chrono::steady_clock::time_point deadline;
    PyInterpreterState *interpreter = nullptr;
    std::uint64_t thread = 0;    // ident
    stage now = stage::waiting;  // guarded by the timer's mutex, like all below
    limit_watcher *watcher = nullptr;
    timed_call *next = nullptr;
    timed_call *prev = nullptr;
    // These are the watcher's while the call is `over`.
    timed_call *next_over = nullptr;  // of those that are interrupted at one go
    raise_outcome outcome = raise_outcome::held_off;
    retry_pause pause;
    asked_check asked;
};

/// A thread, and the calls of one interpreter that it watches. Without any it sleeps, and takes the
/// next interpreter.
struct limit_watcher {
    PyInterpreterState *interpreter = nullptr;  // guarded by the timer's mutex, like all below
    timed_call *first = nullptr;
    std::chrono::steady_clock::time_point wakes_at = std::chrono::steady_clock::time_point::max();
    limit_watcher *next = nullptr;
    std::condition_variable changed;  // a nearer deadline, or a call that has been interrupted
};

/// The calls that have a limit, and the threads that watch them.
///
/// Its threads end with the process; a forked child, which has none of them, makes another timer.
///
/// Lock order: `mutex_` is a leaf; nobody holds it while attaching.
class call_timer : public of_one_process {
public:
    /// The process's own.
    static call_timer &get() { return of_this_process<call_timer>(); }

    /// \throws std::system_error  the system gives no thread that could keep the limit.
    void add(timed_call &call);

    /// The call is over. If it is being interrupted at this moment, that is awaited. Attached.
    void remove(timed_call &call) noexcept;

    /// Whether the call's time was over before it was.
    [[nodiscard]] bool has_interrupted(const timed_call &call) noexcept;

private:
    using clock = std::chrono::steady_clock;

    static constexpr std::chrono::milliseconds until_there_may_be_memory{10};
    static constexpr int tries_at_one_go = 4;

    friend call_timer &of_this_process<call_timer>();
    call_timer() = default;

    /// Whose it is already, else one that has nothing to do, else a new one.
    limit_watcher &watcher_of_locked(PyInterpreterState *interpreter);

    [[noreturn]] void watch(limit_watcher &self);

    /// The calls whose time is over, as a chain; and when to look again.
    static timed_call *take_over_locked(limit_watcher &self) noexcept;

    /// Not under the mutex: the calls stay where they are while they are `over`. False: no memory.
    static bool interrupt(PyInterpreterState *interpreter, timed_call *over) noexcept;

    /// Asks one of the threads at least, if one runs. Detached; their states live until remove()
    /// has returned.
    static void ask(timed_call *over) noexcept;

    /// True if nobody is to be tried again at once. Attached.
    static bool try_each(timed_call *over) noexcept;

    static void settle_locked(timed_call *over, bool done) noexcept;

    std::mutex mutex_;
    limit_watcher *watchers_ = nullptr;  // guarded by mutex_; what it points to is never freed
};

}  // namespace holdfast::detail

#if !defined(HOLDFAST_COMPILED)
#include <holdfast/calls/call_timer.ipp>
#endif
