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

#include "check.hpp"
#include "run_python.hpp"

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
bool goes_on(std::int64_t process, bool is_asked = false) {
    if (is_asked)
        holdfast::detail::ask_to_release_gil(PyThreadState_Get());
    auto *const request = new holdfast::detail::urgent_request;
    request->process = process;
    holdfast::detail::give_way(request);
    const bool queued = request->owners.load() == 2;
    request->waits.store(false);
    holdfast::detail::release(request);
    return queued;
}

/// Nobody would take the GIL in a forked child; and nobody looks whether to release it while C code,
/// such as the end of Python, makes the pending calls.
void check_where_nobody_gives_way() {
    const std::int64_t here = holdfast::detail::process_number();
    CHECK(!goes_on(here));
    CHECK(!goes_on(here, true));
    __atomic_fetch_and(&PyThreadState_Get()->eval_breaker, ~holdfast::detail::gil_drop_request_bit,
                       __ATOMIC_RELAXED);
    run_python("def call(function): return function()");
    const holdfast::function<bool(holdfast::object)> call("__main__", "call");
    CHECK(
        !call(holdfast::callable("ask", std::function<bool()>([=] { return goes_on(here + 1); }))));
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
        }
#endif
    }
    CHECK(urgent_attach_guard(before, std::nothrow).reason() == holdfast::closed_reason::finalized);
    CHECK_THROWS(holdfast::closed_error, urgent_attach_guard(before));

    attach_to_run_a_destructor();

    holdfast::interpreter python;  // several are urgent: they give way to each other, too
    attach_behind_busy_threads(python.view(), 5);
}
