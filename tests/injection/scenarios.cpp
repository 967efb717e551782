// Whatever is refused, at whichever moment: an error, or a service that goes on with less; no hang,
// no crash, no leak.
//
//     scenarios NAME thread|memory|file once|on [K...]   every k, or only those given scenarios
// lists the names
//
// A child process for each k: it may only end by itself. What may be done again is also tried after
// it has been done without refusals: then nothing is made for the first time, and what is left over
// is a leak.
#include <holdfast/async.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/output.hpp>
#include <holdfast/watch/counters.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "check.hpp"
#include "injector.hpp"
#include "threads_there.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int not_reached = 42;
constexpr unsigned deadline_s = 30;
constexpr long most = 5000;

using python_there = std::optional<holdfast::interpreter>;

std::string trace_file() {
    const char *const folder = std::getenv("TEST_FOLDER");
    return std::string(folder != nullptr ? folder : ".") + "/injected.trace";
}

// --- what is done under refusals
// ---------------------------------------------------------------------

void on_a_thread(const std::function<void()> &work) {
    std::exception_ptr problem;
    std::thread thread([&] {
        try {
            work();
        } catch (...) {
            problem = std::current_exception();
        }
    });
    thread.join();
    if (problem != nullptr)
        std::rethrow_exception(problem);
}

void start(python_there &python) {
    holdfast::interpreter_config config;
    config.program_name = "injected";
    config.argv = {"injected", "one"};
    config.module_search_paths = {"/nonexistent"};
    python.emplace(config);
}

void watched_start(python_there &python) {
    holdfast::interpreter_config config;
    config.trace = trace_file();
    config.watchdog = 50ms;
    python.emplace(config);
    on_a_thread([&] {
        const holdfast::attach_guard attached(*python);
        holdfast::exec("x = 1");
    });
    holdfast::mutex lock;
    const std::lock_guard<holdfast::mutex> held(lock);
    python->finalize(10s);
}

void counted_start(python_there &python) {
    setenv("HOLDFAST_COUNTERS", "1", 1);
    python.emplace();
    on_a_thread([&] { const holdfast::attach_guard attached(*python); });
}

void attach(python_there &python) {
    on_a_thread([&] {
        const holdfast::attach_guard attached(*python);
        const holdfast::attach_guard nested;
        const holdfast::detach_guard detached;
        const holdfast::interpreter_guard held(*python);
        const holdfast::attach_guard again(held);
        holdfast::object made = holdfast::eval<holdfast::object>("[1, 2]");
        const holdfast::detach_guard before_the_drop;
        const holdfast::object dropped = std::move(made);
    });
}

void calls(python_there &) {
    const holdfast::attach_guard attached;
    holdfast::exec(
        "def double(x): return [x, x]\n"
        "def fail(): raise LookupError('no')\n"
        "def call(f): return f(3)");
    const holdfast::function<std::vector<std::string>(std::string_view)> twice{"__main__",
                                                                               "double"};
    static_cast<void>(twice("a text that is too long for a short string"));
    try {
        holdfast::function<void()>{"__main__", "fail"}();
    } catch (const holdfast::python_error &) {}
    const holdfast::object called = holdfast::callable("native", [](int x) { return x + 1; });
    static_cast<void>(holdfast::eval<holdfast::object>("call").call(called));
}

void subinterpreter(python_there &python) {
    holdfast::subinterpreter other(*python);
    on_a_thread([&] {
        const holdfast::attach_guard attached(other.view());
        holdfast::exec("import json");
    });
}

void executor(python_there &python) {
    holdfast::executor pool(*python, 3);
    const holdfast::function<long(std::string_view)> size{"builtins", "len"};
    auto one = pool.submit(size, "text");
    const holdfast::cancellation off;
    auto two = pool.submit(off, [] { return holdfast::eval<std::string>("'x' * 40"); });
    static_cast<void>(one.get());
    static_cast<void>(two.get());
    static_cast<void>(pool.drain(10s));
}

void subinterpreter_pool(python_there &python) {
    holdfast::subinterpreter_pool pool(*python, 2);
    auto one = pool.submit([] { return holdfast::eval<std::string>("'x' * 40"); });
    static_cast<void>(one.get());
}

void remote_executor(python_there &python) {
    holdfast::exec(
        "import concurrent.futures\n"
        "class Engine(concurrent.futures.Executor):\n"
        "    def submit(self, f, *args):\n"
        "        future = concurrent.futures.Future()\n"
        "        future.set_result(f(*args))\n"
        "        return future\n");
    holdfast::remote_executor engine(*python, "Engine()");
    const holdfast::function<long(std::string_view)> size{"builtins", "len"};
    const holdfast::cancellation off;
    auto one = engine.submit(off, size, "text");
    static_cast<void>(one.get());
}

void within(python_there &) {
    static_cast<void>(holdfast::within(10s, [] { return holdfast::eval<int>("1 + 1"); }));
    try {
        holdfast::within(5ms, [] { holdfast::exec("while True: pass"); });
    } catch (const holdfast::deadline_error &) {}
}

void async_call(python_there &) {
    holdfast::exec(
        "import asyncio\nasync def double(x):\n    await asyncio.sleep(0)\n    return 2 * x\n");
    const holdfast::function<holdfast::task<int>(int)> twice{"__main__", "double"};
    holdfast::task<int> task = twice(4);
    static_cast<void>(task.get());
}

void output(python_there &python) {
    holdfast::redirect_output(*python, [](const holdfast::output_line &) {});
    holdfast::exec("print('a line')");
}

/// With a thread inside that is interrupted and reported.
void finalize_as(python_there &python, bool is_attached) {
    std::atomic<bool> inside{false};
    std::atomic<bool> leave{false};
    const bool was_armed = inject::now.armed.exchange(false);
    std::thread other([&] {
        const holdfast::attach_guard attached(*python);
        const holdfast::detach_guard detached;
        inside = true;
        while (!leave)
            std::this_thread::yield();
    });
    while (!inside)
        std::this_thread::yield();
    inject::now.armed = was_armed;
    std::exception_ptr problem;
    const PyGILState_STATE before = is_attached ? PyGILState_Ensure() : PyGILState_UNLOCKED;
    try {
        static_cast<void>(python->finalize(2ms, holdfast::interrupt_after{1ms}).text());
    } catch (...) {
        problem = std::current_exception();
    }
    CHECK(holdfast::attached() == is_attached);  // as it came
    if (is_attached)
        PyGILState_Release(before);
    leave = true;
    other.join();
    if (problem != nullptr)
        std::rethrow_exception(problem);
    python->finalize(10s);
}

void finalize(python_there &python) { finalize_as(python, false); }
void finalize_attached(python_there &python) { finalize_as(python, true); }

// --- the table
// -----------------------------------------------------------------------------------------

struct scenario {
    const char *name;
    void (*run)(python_there &);
    bool starts_python;  // the refusals come while it starts; else it is there already
    bool again;          // may be done several times: the last one shows what has been lost
};

constexpr scenario table[] = {
    {"start", start, true, false},
    {"watched_start", watched_start, true, false},
    {"counted_start", counted_start, true, false},
    {"attach", attach, false, true},
    {"calls", calls, false, true},
    {"subinterpreter", subinterpreter, false, true},
    {"executor", executor, false, true},
    {"subinterpreter_pool", subinterpreter_pool, false, true},
    {"remote_executor", remote_executor, false, true},
    {"within", within, false, true},
    {"async_call", async_call, false, false},
    {"output", output, false, false},
    {"finalize", finalize, false, false},
    {"finalize_attached", finalize_attached, false, false},
};

/// The errors that are allowed.
void tolerate(const scenario &one, python_there &python) {
    try {
        one.run(python);
    } catch (const holdfast::error &problem) {
        CHECK(problem.code()[0] == 'H');
    } catch (const std::system_error &) {
    } catch (const std::bad_alloc &) {}
}

/// Waits until the joined threads are gone, and the detached ones are asleep.
void wait_for_threads(std::size_t wanted) {
    while (threads_there() > wanted)
        std::this_thread::yield();
}

/// Allocations beyond `wanted`, once no thread that nobody joins has any left to free.
///
/// Their number does not tell: such a thread may have been counted when the wanted number was taken.
long lost_allocations(long wanted) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (inject::now.living > wanted && std::chrono::steady_clock::now() < give_up)
        std::this_thread::yield();
    return inject::now.living - wanted;
}

/// Runs in a child process. Warm: after one run without refusals.
[[noreturn]] void run_with(const scenario &one, inject::what kind, inject::how manner, long wanted,
                           bool warm) {
    alarm(deadline_s);
    python_there python;
    if (!one.starts_python)
        python.emplace();
    long living = 0;
    std::size_t threads = 0;
    if (warm) {
        for (int i = 0; i < 3; ++i) {
            one.run(python);
            threads = i == 0 ? threads_there() : std::min(threads, threads_there());
        }
        wait_for_threads(threads);
        living = inject::now.living;
    }
    inject::arm(kind, manner, wanted);
    tolerate(one, python);
    inject::disarm();
    const bool reached = inject::now.refused != 0;
    if (warm) {
        one.run(python);
        wait_for_threads(threads);
        if (const long lost = lost_allocations(living); lost > 0) {
            std::fprintf(stderr, "%ld allocations were lost\n", lost);
            _exit(3);
        }
    }
    if (python) {
        if (!one.starts_python && one.again)
            one.run(python);  // what failed does not stand in the way of the next
        CHECK(python->finalize(20s).finalized);
    }
    std::fflush(nullptr);
    _exit(reached ? 0 : not_reached);
}

/// \return whether it ended as it should; `last` is set if k was not reached.
bool try_one(const scenario &one, inject::what kind, inject::how manner, long wanted, bool warm,
             bool &last) {
    std::remove(trace_file().c_str());
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0)
        run_with(one, kind, manner, wanted, warm);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    std::remove(trace_file().c_str());
    std::remove(holdfast::detail::page_path(static_cast<std::uint64_t>(child)).c_str());
    last = WIFEXITED(status) && WEXITSTATUS(status) == not_reached;
    if (last || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return true;
    std::printf("%s%s, refusal %ld: ", one.name, warm ? ", warm" : "", wanted);
    if (WIFEXITED(status))
        std::printf("status %d\n", WEXITSTATUS(status));
    else
        std::printf("%s\n", WTERMSIG(status) == SIGALRM ? "hang" : strsignal(WTERMSIG(status)));
    return false;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) {
        for (const scenario &one : table)
            std::printf("%s\n", one.name);
        return 0;
    }
    const std::string name = argv[1], resource = argv[2];
    const inject::what kind = resource == "thread"   ? inject::what::thread
                              : resource == "memory" ? inject::what::memory
                                                     : inject::what::file;
    const inject::how manner =
        std::string(argv[3]) == "once" ? inject::how::once : inject::how::from_then_on;
    long reached = 0, bad = 0;
    for (const scenario &one : table) {
        if (one.name != name)
            continue;
        for (const bool warm : {false, true}) {
            if (warm && !one.again)
                continue;
            bool last = false;
            const auto refuse = [&](long k) {
                bad += try_one(one, kind, manner, k, warm, last) ? 0 : 1;
                reached += last ? 0 : 1;
            };
            for (long k = 1; argc == 4 && k < most && !last; ++k)
                refuse(k);
            for (int i = 4; i < argc; ++i) {
                refuse(std::strtol(argv[i], nullptr, 10));
                if (last && !warm) {  // warm, it asks for less
                    std::printf("%s, refusal %s: never asked for\n", one.name, argv[i]);
                    ++bad;
                }
            }
        }
    }
    std::printf("%ld refusals, %ld ended badly\n", reached, bad);
    return bad == 0 && reached > 0 ? 0 : 1;
}
