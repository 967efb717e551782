// Settings of the host and of its Python code are unchanged after everything that holdfast does.
// deadline: 60
#include <holdfast/async.hpp>
#include <holdfast/calls/deadline.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>
#include <holdfast/pools/executor.hpp>
#include <holdfast/pools/remote_executor.hpp>
#include <holdfast/watch/counters.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "check.hpp"
#include "thrown.hpp"

using namespace std::chrono_literals;

namespace {

// Settings that others own: one per line, compared as text.
const char *const setup = R"(
import asyncio, concurrent.futures, contextvars, decimal, gc, io, locale, logging, os, signal, sys, threading, warnings

class Stream(io.StringIO):
    pass

sys.stdout, sys.stderr = Stream(), Stream()
logging.basicConfig(stream=sys.stderr, level=17)
warnings.simplefilter("always", ResourceWarning)
def tracer(frame, event, argument): pass
def profiler(frame, event, argument): pass
def hook(*given): pass
sys.excepthook = sys.unraisablehook = threading.excepthook = hook
threading.settrace(tracer)
threading.setprofile(profiler)
def on_signal(number, frame): pass
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, on_signal)
sys.setswitchinterval(0.0125)
sys.setrecursionlimit(1234)
gc.set_threshold(777)
decimal.getcontext().prec = 9
variable = contextvars.ContextVar("variable")
variable.set("mine")
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
def on_loop(loop, context): pass
loop.set_exception_handler(on_loop)
pool = concurrent.futures.ThreadPoolExecutor(2)
pool.submit(int).result()
wakeup = os.pipe()
os.set_blocking(wakeup[1], False)
signal.set_wakeup_fd(wakeup[1])
os.umask(0o027)

def read_by(replace, meanwhile):
    value = replace(meanwhile)
    replace(value)
    return value

def found():
    return {
        "stdout": sys.stdout, "stderr": sys.stderr, "displayhook": sys.displayhook, "argv": list(sys.argv),
        "excepthook": sys.excepthook, "unraisablehook": sys.unraisablehook, "thread hook": threading.excepthook,
        "trace": sys.gettrace(), "profile": sys.getprofile(),
        "thread trace": threading._trace_hook, "thread profile": threading._profile_hook,
        "signals": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
        "wakeup": read_by(signal.set_wakeup_fd, -1), "switch interval": sys.getswitchinterval(),
        "recursion limit": sys.getrecursionlimit(), "gc": (gc.isenabled(), gc.get_threshold(), gc.callbacks[:]),
        "decimal": decimal.getcontext().prec, "context": variable.get(), "path": list(sys.path),
        "hooks": (sys.meta_path[:], sys.path_hooks[:]), "folder": os.getcwd(), "environ": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL), "logging": (logging.root.level, logging.root.handlers[:]),
        "warnings": warnings.filters[:], "loop": (asyncio.get_event_loop_policy(), loop.is_closed(),
        loop.is_running(), loop.get_exception_handler(), asyncio._get_running_loop()),
        "pool": (pool.submit(int).result(), pool._shutdown), "umask": read_by(os.umask, 0o077),
    }

def spin():
    while True: pass
def fail(): raise ValueError("on purpose")
async def answer(): return 42
async def fail_later(): raise ValueError("later")
def apply(f): return f(3)
)";

const char *const compare = R"(
def changed(before, after):
    return ", ".join(f"{name}: {before[name]!r} is now {after[name]!r}" for name in before
                     if before[name] != after[name])
)";

const holdfast::function<void()> fail{"__main__", "fail"};
const holdfast::function<holdfast::task<long>()> answer{"__main__", "answer"};
const holdfast::function<holdfast::task<void>()> fail_later{"__main__", "fail_later"};
const holdfast::function<double(double)> root{"math", "sqrt"};

/// The host's signal dispositions and mask.
struct outside {
    std::vector<void (*)(int)> handlers;
    std::vector<int> blocked;

    static outside now() {
        outside found;
        sigset_t mask;
        CHECK(pthread_sigmask(SIG_SETMASK, nullptr, &mask) == 0);
        for (int number = 1; number < NSIG; ++number) {
            struct sigaction action{};
            if (sigaction(number, nullptr, &action) != 0)
                continue;
            found.handlers.push_back(action.sa_handler);
            found.blocked.push_back(sigismember(&mask, number));
        }
        return found;
    }
    friend bool operator==(const outside &a, const outside &b) {
        return a.handlers == b.handlers && a.blocked == b.blocked;
    }
};

void on_another_thread(const std::function<void()> &work) {
    std::thread other(work);
    holdfast::join(other);
}

std::map<std::string, std::function<void()>> actions(const holdfast::interpreter &python) {
    const auto pool_of = [] { return holdfast::eval<holdfast::object>("pool"); };
    holdfast::remote_config quiet;
    quiet.ignore_sigpipe = false;
    return {
        {"nothing", [] {}},
        {"attach",
         [&] { on_another_thread([&] { const holdfast::attach_guard attached(python.view()); }); }},
        {"detach", [] { const holdfast::detach_guard detached; }},
        {"a call that raises", [] { CHECK_THROWS(holdfast::python_error, fail()); }},
        {"a callback",
         [] {
             const holdfast::object apply = holdfast::eval<holdfast::object>("apply");
             CHECK(apply.call<long>(holdfast::callable("twice", [](long n) { return 2 * n; })) ==
                   6);
         }},
        {"a limit that passes",
         [] {
             CHECK_THROWS(holdfast::deadline_error,
                          holdfast::within(30ms, [] { holdfast::exec("spin()"); }));
         }},
        {"a limit on another thread",
         [&] {
             on_another_thread([&] {
                 const holdfast::attach_guard attached(python.view());
                 CHECK_THROWS(holdfast::deadline_error,
                              holdfast::within(30ms, [] { holdfast::exec("spin()"); }));
             });
         }},
        {"async calls",
         [] {
             CHECK(holdfast::get(answer()) == 42);
             CHECK_THROWS(holdfast::python_error, holdfast::get(fail_later()));
         }},
        {"an executor",
         [&] {
             holdfast::executor pool(python, 2);
             std::future<double> value = pool.submit(root, 9.0);
             CHECK(holdfast::get(value) == 3);
         }},
        {"an engine that is handed over",
         [&, quiet, pool_of] {
             holdfast::remote_executor remote(pool_of(), quiet);
             std::future<double> value = remote.submit(root, 16.0);
             CHECK(holdfast::get(value) == 4);
         }},
        {"an engine that is named",
         [&, quiet] {
             holdfast::remote_executor remote(python, "pool", quiet);
             std::future<double> value = remote.submit(root, 16.0);
             CHECK(holdfast::get(value) == 4);
         }},
        {"counters", [] { holdfast::start_counters(); }},
        {"a mutex",
         [] {
             holdfast::mutex lock;
             const std::lock_guard<holdfast::mutex> hold(lock);
         }},
#if PY_VERSION_HEX >= 0x030C0000
        {"a sub-interpreter",
         [&] {
             on_another_thread([&] {
                 holdfast::subinterpreter other(python);
                 const holdfast::attach_guard attached(other.view());
                 holdfast::exec("import sys; sys.setrecursionlimit(555); sys.stdout = None");
             });
         }},
#endif
    };
}

}  // namespace

int main() {
    struct sigaction ours{};
    ours.sa_handler = [](int) {};
    CHECK(sigaction(SIGALRM, &ours, nullptr) == 0);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGWINCH);
    CHECK(pthread_sigmask(SIG_BLOCK, &blocked, nullptr) == 0);
    const outside before_start = outside::now();

    holdfast::interpreter python;
    CHECK(outside::now() == before_start);
    int wrong = 0;
    {
        const holdfast::attach_guard attached(python.view());
        holdfast::exec(setup);
        holdfast::exec(compare);
        holdfast::exec("import sys; sys.settrace(tracer); sys.setprofile(profiler)");
        for (const auto &[name, act] : actions(python)) {
            holdfast::exec("before = found()");
            const outside outside_before = outside::now();
            act();
            const outside outside_after = outside::now();
            holdfast::exec("after = found()");
            const std::string changed = holdfast::eval<std::string>("changed(before, after)");
            if (!changed.empty() || !(outside_before == outside_after)) {
                std::printf("%s: %s%s\n", name.c_str(), changed.c_str(),
                            outside_before == outside_after ? "" : " signals of the system");
                ++wrong;
            }
        }
        holdfast::exec("sys.settrace(None); sys.setprofile(None); pool.shutdown(); loop.close()");
    }
    std::fflush(stdout);
    CHECK(wrong == 0);
    CHECK(python.finalize(10s));
}
