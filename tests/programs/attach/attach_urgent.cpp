// Threads that run Python give way to an urgent attach at once, even in a loop that calls nothing.
#include <holdfast/calls.hpp>
#include <holdfast/interpreter.hpp>
#include <holdfast/urgent.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#if HOLDFAST_HAS_GIVING_WAY && defined(__ELF__)
#define HAS_CANCELLATION_WHILE_QUEUEING 1
#include <dlfcn.h>
#include <pthread.h>
#endif

#include "check.hpp"
#include "run_python.hpp"

#if defined(HAS_CANCELLATION_WHILE_QUEUEING)
/// CPython's own, with the cancellation point that it has if another thread has the lock.
extern "C" int _PyEval_AddPendingCall(PyInterpreterState *interpreter, int (*call)(void *),
                                      void *argument, int flags) {
    using function = int (*)(PyInterpreterState *, int (*)(void *), void *, int);
    static const auto own = reinterpret_cast<function>(dlsym(RTLD_NEXT, "_PyEval_AddPendingCall"));
    pthread_testcancel();
    return own(interpreter, call, argument, flags);
}
#endif

namespace {

using holdfast::experimental::urgent_attach_guard;

/// What nobody waits for in this program, where an urgent attach is more than an ordinary one.
constexpr std::chrono::seconds for_ever{HOLDFAST_HAS_GIVING_WAY ? 100'000 : 0};

constexpr const char *start_busy_threads =
    "import threading\n"
    "begin, stopped, counts = threading.Event(), False, []\n"
    "def busy():\n"
    "    begin.wait()\n"
    "    count = 0\n"
    "    while not stopped:\n"
    "        count += 1\n"
    "    counts.append(count)\n"
    "threads = [threading.Thread(target=busy) for _ in range(4)]\n"
    "for thread in threads: thread.start()\n"
    "begin.set()\n";

constexpr const char *stop_busy_threads =
    "stopped = True\n"
    "for thread in threads: thread.join()\n";

/// Each of `many` threads attaches a few times while four others never wait for anything. The last to
/// get there stops these; until then, a thread that ends waits to delete its state, as usual.
void attach_behind_busy_threads(const holdfast::interpreter_view &view, int many) {
    {
        const holdfast::attach_guard attached(view);
        run_python(start_busy_threads);
    }
    std::atomic<int> left{many};
    std::vector<std::thread> threads;
    for (int number = 0; number < many; ++number)
        threads.emplace_back([&] {
            for (int turn = 0; turn < 10; ++turn) {
                const urgent_attach_guard attached(view);
                CHECK(attached);
                CHECK(text_of_python("str(stopped)") == "False");
                const urgent_attach_guard nested(view, std::nothrow);
                CHECK(nested);
            }
            if (--left == 0) {
                const urgent_attach_guard attached(view);
                run_python(stop_busy_threads);
                CHECK(text_of_python("str(len(counts))") == "4");
            }
        });
    for (std::thread &thread : threads)
        thread.join();
}

#if HOLDFAST_HAS_GIVING_WAY
/// Whether a request that somebody made in `process` is still queued after the call.
/// \param calls  that found the bit set so far, as this one does; -1: it does not.
bool goes_on(std::int64_t process, int calls = -1) {
    if (calls >= 0)
        holdfast::detail::ask_to_release_gil(PyThreadState_Get());
    auto *const request = new holdfast::detail::urgent_request;
    request->process = process;
    request->calls = calls >= 0 ? static_cast<unsigned>(calls) : 0;
    holdfast::detail::give_way(request);
    const bool queued = request->owners.load() == 2;
    request->waits.store(false);
    holdfast::detail::release(request);
    // Nobody waits for the GIL here.
    __atomic_fetch_and(&PyThreadState_Get()->eval_breaker, ~holdfast::detail::gil_drop_request_bit,
                       __ATOMIC_RELAXED);
    return queued;
}

/// Nobody would take the GIL in a forked child, or when Python ends; and nobody looks whether to
/// release it while C code, such as the end of Python, makes the pending calls.
void check_where_nobody_gives_way() {
    const std::int64_t here = holdfast::detail::process_number();
    CHECK(!goes_on(here));
    CHECK(!goes_on(here, 1));
    run_python("def call(function): return function()");
    const holdfast::function<bool(holdfast::object)> call("__main__", "call");
    const auto goes_on_in_a_frame = [&call](std::int64_t process, int calls) {
        return call(holdfast::callable(
            "ask", std::function<bool()>([=] { return goes_on(process, calls); })));
    };
    CHECK(!goes_on_in_a_frame(here + 1, -1));
    CHECK(goes_on_in_a_frame(here, -1));
    CHECK(goes_on_in_a_frame(here, 200));
    CHECK(
        !goes_on_in_a_frame(here, 100'000));  // the end of Python, which goes on until none is left
}

int gave_way_at_the_end = -1;

/// Calls goes_on() in a destructor that runs when Python ends.
void ask_at_the_end() {
    run_python(
        "class AtEnd:\n"
        "    def __init__(self, ask): self.ask = ask\n"
        "    def __del__(self): self.ask()\n"
        "def ask_at_end(ask):\n"
        "    global at_end\n"
        "    at_end = AtEnd(ask)\n");
    const holdfast::function<void(holdfast::object)> ask_at_end("__main__", "ask_at_end");
    ask_at_end(holdfast::callable(
        "ask", [] { gave_way_at_the_end = goes_on(holdfast::detail::process_number()) ? 1 : 0; }));
}

#endif

#if defined(HAS_CANCELLATION_WHILE_QUEUEING)
/// Queueing the call may wait for a lock of CPython's, which is a cancellation point. A thread that is
/// cancelled there goes on until it has attached.
void attach_while_cancelled(const holdfast::interpreter_view &view) {
    bool attached_once = false;
    std::thread cancelled([&] {
        pthread_cancel(pthread_self());
        {
            const urgent_attach_guard attached(view, std::nothrow);
            attached_once = static_cast<bool>(attached);
        }
        pthread_testcancel();
        CHECK_NOT_REACHED("the thread was not cancelled");
    });
    cancelled.join();
    CHECK(attached_once);
}
#endif

/// An urgent attach, behind nobody, begins by running Python: a destructor that another thread left
/// to it. It must not give way to itself, because nobody else would take the GIL.
void attach_to_run_a_destructor() {
    holdfast::interpreter python;
    holdfast::object left;
    {
        const holdfast::attach_guard attached(python);
        run_python(
            "ended = []\n"
            "class Left:\n"
            "    def __del__(self):\n"
            "        for turn in range(1000): pass\n"
            "        ended.append(turn)\n");
        left = holdfast::function<holdfast::object()>("__main__", "Left")();
    }
    std::thread([&] { left = {}; }).join();  // detached: the next attach drops it
    std::thread urgent([&] { const urgent_attach_guard attached(python.view()); });
    urgent.join();
    const holdfast::attach_guard attached(python);
    CHECK(text_of_python("str(ended)") == "[999]");
}

}  // namespace

int main() {
    holdfast::interpreter_view before;
    {
        holdfast::interpreter_config config;
        if (for_ever.count() != 0)
            config.switch_interval = for_ever;
        holdfast::interpreter python(config);
        before = python.view();
        attach_behind_busy_threads(python.view(), 1);
#if HOLDFAST_HAS_GIVING_WAY
        {
            const holdfast::attach_guard attached(python);
            check_where_nobody_gives_way();
            ask_at_the_end();
        }
#endif
#if defined(HAS_CANCELLATION_WHILE_QUEUEING)
        attach_while_cancelled(python.view());
#endif
    }
#if HOLDFAST_HAS_GIVING_WAY
    CHECK(gave_way_at_the_end == 0);
#endif
    CHECK(urgent_attach_guard(before, std::nothrow).reason() == holdfast::closed_reason::finalized);
    CHECK_THROWS(holdfast::closed_error, urgent_attach_guard(before));

    attach_to_run_a_destructor();

    holdfast::interpreter python;  // several are urgent: they give way to each other, too
    attach_behind_busy_threads(python.view(), 5);
}
