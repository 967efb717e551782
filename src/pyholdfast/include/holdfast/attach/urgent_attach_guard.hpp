// holdfast/attach/urgent_attach_guard.hpp: an attach for which busy Python threads give way.
//
// <holdfast/urgent.hpp> includes it; <holdfast/holdfast.hpp> does not.
//
// A thread that waits for the GIL asks for it once per switch interval, and then whichever thread
// the system wakes up gets it: behind busy threads, an attach waits from one interval up to several
// for each of them. Here, each thread that gets the GIL gives it away at once while the urgent thread
// waits.
//
// The urgent thread queues give_way() as a pending call. CPython makes it in the next thread that
// looks at its eval breaker: at the end of a loop's body, or at the beginning of a function. It sets,
// in the state of its own thread, the bit by which CPython asks a thread to release the GIL, and
// queues itself again, for the thread that gets the GIL next. When the urgent thread has the GIL, the
// call that is still queued does nothing.
//
// A thread that finds the bit set releases the GIL, and waits until another thread has taken it. So
// the bit may be set only while one is sure to take it, or the thread would wait for ever: from
// around_wait's begin() on, the urgent thread does nothing else. In a forked child that thread does
// not exist, and in an interpreter that other code finalizes it may end instead.
//
// CPython makes up to 100 pending calls in a row, and give_way() queues itself each time, so giving
// way costs a thread some ten microseconds.
#pragma once

#include <holdfast/python.hpp>  // first: CPython requires it

#include <atomic>
#include <cstdint>
#include <new>

#include <holdfast/attach/attach_guard.hpp>
#include <holdfast/attach/view.hpp>
#include <holdfast/platform/forced_unwind.hpp>
#include <holdfast/platform/library.hpp>
#include <holdfast/platform/process.hpp>

namespace holdfast {

#if HOLDFAST_HAS_GIVING_WAY
namespace detail {

/// A thread that waits to attach. The thread and the pending call own it together.
///
/// `waits` becomes false once, in the thread that waited, as the first thing that it does with the GIL;
/// threads that have the GIL read it, and write `calls`. The GIL orders them, and relaxed is enough.
/// Whoever lowers `owners` to 0 deletes the request.
struct urgent_request {
    std::atomic<bool> waits{true};
    std::atomic<int> owners{2};
    std::int64_t process = process_number();
    unsigned calls = 0;  // in a row that found the bit set
};

inline void release(urgent_request *request) noexcept {
    if (request->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete request;
}

/// Whether the GIL may be given away here: a frame will look at the bit before long, and the urgent
/// thread will take it. Without a frame, C code makes pending calls; the end of Python does, until
/// none is left. Under a frame, it does if Python code exits the process; then the bit stays set,
/// which a frame clears after some 200 calls at most.
///
/// No test shows the following limit, because it needs a debug build of CPython. There, that exit
/// asserts that each round of up to 100 calls leaves fewer of them (_Py_FinishPendingCalls() in
/// Python/ceval_gil.c), and fails after the second round if a thread waits urgently at that moment.
/// Elsewhere, a frame needs those two rounds before it releases the GIL, and nothing tells a pending
/// call which of the two makes it: Python is not marked as finalizing yet.
HOLDFAST_REQUIRES_ATTACHED inline bool may_give_way(urgent_request &request,
                                                    bool is_asked) noexcept {
    constexpr unsigned most_calls = 1000;
    request.calls = is_asked ? request.calls + 1 : 0;
    return request.calls < most_calls && request.process == process_number() && !is_finalizing() &&
           PyEval_GetFrame() != nullptr;
}

/// The pending call. Attached, in any thread of the interpreter.
HOLDFAST_REQUIRES_ATTACHED HOLDFAST_DETAIL_COLD inline int give_way(void *argument) noexcept {
    auto *const request = static_cast<urgent_request *>(argument);
    PyThreadState *const state = unchecked_state();
    const bool is_asked = is_asked_to_release_gil(state);
    if (request->waits.load(std::memory_order_relaxed) && may_give_way(*request, is_asked) &&
        queue_in_any_thread(interpreter_of(state), &give_way, request)) {
        if (!is_asked)
            ask_to_release_gil(state);
        return 0;
    }
    release(request);
    return 0;
}

/// Lets the threads of an interpreter give way to the calling thread while it waits.
class giving_way : public around_wait {
public:
    giving_way() noexcept : around_wait{&begin_to_wait, &end_to_wait} {}

private:
    static void begin_to_wait(around_wait &self, PyInterpreterState *interpreter) noexcept {
        const cancellation_held_off until_queued;
        // The call may still be queued when the library that queued it is unloaded.
        static const bool is_pinned =
            (pin_library(reinterpret_cast<const void *>(&give_way)), true);
        (void)is_pinned;
        auto *const request = new (std::nothrow) urgent_request;
        static_cast<giving_way &>(self).request_ = request;
        if (request != nullptr && !queue_in_any_thread(interpreter, &give_way, request))
            release(request);  // the call's share
    }

    static void end_to_wait(around_wait &self) noexcept {
        urgent_request *const request = static_cast<giving_way &>(self).request_;
        if (request == nullptr)
            return;
        request->waits.store(false, std::memory_order_relaxed);
        release(request);
    }

    urgent_request *request_ = nullptr;
};

}  // namespace detail
#endif

namespace experimental {

/// An attach_guard to which the threads that run Python give way at once, not after their switch
/// interval. For a thread that must not wait long, e.g. for audio or a window.
///
/// It shortens the wait for Python threads of the same interpreter that execute bytecode, on CPython
/// 3.13 to 3.15 with a GIL. Native code that keeps the GIL is not interrupted. Elsewhere, and if the
/// thread is already attached to the interpreter, this is an ordinary attach_guard. It shortens no
/// other wait: a thread that detaches inside the guard, that lets others run Python, or that ends,
/// waits as usual.
///
/// It uses a function of CPython that is exported but private, and a bit that is not documented, so
/// it may change or go in any release of holdfast. After the wait, one pending call remains queued
/// until the next Python code runs; so a library that has used the guard stays loaded.
///
/// Threads: construct and destroy on one thread, in reverse order.
class urgent_attach_guard {
public:
    /// \throws closed_error if finalization has begun, or the view is dead.
    HOLDFAST_DETAIL_NAMED explicit urgent_attach_guard(const interpreter_view &view,
                                                       call_site site = call_site::current())
        : attached_(attach(view, site)) {}

    /// Reports a refusal instead of throwing: test the guard.
    HOLDFAST_DETAIL_NAMED urgent_attach_guard(const interpreter_view &view, std::nothrow_t,
                                              call_site site = call_site::current()) noexcept
        : attached_(attach(view, std::nothrow, site)) {}

    urgent_attach_guard(const urgent_attach_guard &) = delete;
    urgent_attach_guard &operator=(const urgent_attach_guard &) = delete;
    ~urgent_attach_guard() = default;

    /// False if the thread was refused.
    explicit operator bool() const noexcept { return static_cast<bool>(attached_); }
    [[nodiscard]] closed_reason reason() const noexcept { return attached_.reason(); }

private:
#if HOLDFAST_HAS_GIVING_WAY
    static attach_guard attach(const interpreter_view &view, call_site site) {
        detail::giving_way others;
        return attach_guard(view, attach_guard::wanted::view, others, site);
    }
    static attach_guard attach(const interpreter_view &view, std::nothrow_t,
                               call_site site) noexcept {
        detail::giving_way others;
        return attach_guard(view, attach_guard::wanted::view_or_reason, others, site);
    }
#else
    static attach_guard attach(const interpreter_view &view, call_site site) {
        return attach_guard(view, site);
    }
    static attach_guard attach(const interpreter_view &view, std::nothrow_t,
                               call_site site) noexcept {
        return attach_guard(view, std::nothrow, site);
    }
#endif

    attach_guard attached_;
};

}  // namespace experimental

}  // namespace holdfast
