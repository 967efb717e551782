// After reopen(), thread pools can be made, and nobody gets the exception with which finalize() had asked it to end. An exception of within() stays.
#include <holdfast/holdfast.hpp>
#include <holdfast/lifecycle/interrupt_threads.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"

using namespace std::chrono_literals;

namespace {

constexpr const char *keep_pool_busy =
    "import threading\n"
    "from concurrent.futures import ThreadPoolExecutor, process\n"
    "started = threading.Event()\n"
    "go = threading.Event()\n"
    "def work():\n"
    "    started.set()\n"
    "    go.wait()\n"
    "pool = ThreadPoolExecutor(1)\n"
    "pool.submit(work)\n"
    "started.wait()";

// Windows' usual loop cannot be made in a sub-interpreter.
constexpr const char *use_new_pool =
    "import asyncio\n"
    "assert ThreadPoolExecutor(1).submit(int, '3').result() == 3\n"
    "loop = asyncio.SelectorEventLoop()\n"
    "assert loop.run_until_complete(asyncio.to_thread(int, '4')) == 4\n"
    "loop.run_until_complete(loop.shutdown_default_executor())\n"
    "loop.close()\n"
    "assert not process._global_shutdown\n"
    "go.set()";

void pools_work_again(holdfast::interpreter &python) {
    holdfast::exec(keep_pool_busy);
    CHECK(!python.finalize(100ms));
    python.reopen();
    holdfast::exec(use_new_pool);
}

void pools_work_after_reopen_inside_another(holdfast::interpreter &python) {
    holdfast::exec(keep_pool_busy);
    CHECK(!python.finalize(100ms));
    const PyGILState_STATE before = PyGILState_Ensure();
    PyThreadState *const main = PyThreadState_Get();
    PyThreadState *const other = Py_NewInterpreter();
    CHECK(other != nullptr);
    python.reopen();
    CHECK(PyThreadState_Get() == other);
    Py_EndInterpreter(other);
    PyThreadState_Swap(main);
    PyGILState_Release(before);
    holdfast::exec(use_new_pool);
}

/// It is blocked in the first callback when the gate opens again.
void a_caller_calls_no_other_after_reopen(holdfast::interpreter &python) {
    holdfast::exec(
        "go = threading.Event()\n"
        "def block_then_let_go():\n"
        "    global caller\n"
        "    caller = threading.current_thread()\n"
        "    go.wait()\n"
        "threading._register_atexit(block_then_let_go)\n"
        "other = threading.Thread(target=go.wait)\n"
        "other.start()");
    CHECK(!python.finalize(100ms));
    python.reopen();
    holdfast::exec(
        "go.set()\n"
        "caller.join()\n"
        "other.join()\n"
        "from concurrent.futures import thread\n"
        "assert not thread._shutdown and not process._global_shutdown\n"
        "assert ThreadPoolExecutor(1).submit(int, '3').result() == 3\n"
        "threading._threading_atexits.pop()");
}

/// The callback of a module has begun, and sets the module's mark just after reopen() has come.
void a_callback_that_has_begun_is_waited_for(holdfast::interpreter &python) {
    holdfast::exec(
        "import time\n"
        "go = threading.Event()\n"
        "def begin_late():\n"
        "    global caller\n"
        "    caller = threading.current_thread()\n"
        "    while hasattr(caller, '_holdfast_calls_exit_callbacks'): time.sleep(0)\n"
        "    process._global_shutdown = True\n"
        "    go.wait()\n"
        "begin_late.__module__ = process.__name__\n"
        "threading._register_atexit(begin_late)\n"
        "other = threading.Thread(target=go.wait)\n"
        "other.start()");
    CHECK(!python.finalize(100ms));
    python.reopen();
    holdfast::exec(
        "go.set()\n"
        "caller.join()\n"
        "other.join()\n"
        "assert not process._global_shutdown\n"
        "threading._threading_atexits.pop()");
}

void pools_work_after_release(holdfast::interpreter &python) {
    holdfast::exec(keep_pool_busy);
    CHECK(!python.finalize(100ms));
    python.release();
    holdfast::exec(use_new_pool);
    python = holdfast::interpreter::adopt();
}

/// \param whose  closes and reopens the sub-interpreter.
template <class Whose>
void pools_of_a_subinterpreter_work_again(holdfast::subinterpreter &sub, Whose &whose) {
    {
        const holdfast::attach_guard attached(sub.view());
        run_python(keep_pool_busy);
    }
    CHECK(!whose.finalize(100ms));
    whose.reopen();
    const holdfast::attach_guard attached(sub.view());
    run_python(use_new_pool);
}

/// What a thread inside does, from which everything must have been taken back.
void calculate_after(holdfast::interpreter &python, event &inside, event &reopened) {
    const holdfast::attach_guard attached(python);
    {
        const holdfast::detach_guard detached;
        inside.set();
        reopened.wait();
    }
    for (int i = 0; i < 2; ++i)
        CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
}

void nobody_is_interrupted(holdfast::interpreter &python) {
    event inside;
    event reopened;
    std::thread worker([&] { calculate_after(python, inside, reopened); });
    inside.wait();
    const holdfast::finalize_report report =
        python.finalize(200ms, holdfast::interrupt_after{10ms});
    CHECK(!report);
    CHECK(report.still_inside.size() == 1 && report.still_inside.front().interrupted);
    python.reopen();
    CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
    reopened.set();
    worker.join();
}

/// Whether a thread of the main interpreter has the exception of a reached limit pending. Works
/// while the gate is closed, too.
bool limit_is_pending() {
    const PyGILState_STATE before = PyGILState_Ensure();
    const PyObject *const type = holdfast::detail::limit_reached_type();
    bool found = false;
    holdfast::detail::while_others_are_stopped([&] {
        for (PyThreadState *state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
             state != nullptr; state = PyThreadState_Next(state))
            found = found || state->async_exc == type;
    });
    PyGILState_Release(before);
    return found;
}

void until(bool (*is_so)()) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!is_so() && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    CHECK(is_so());
}

/// \param limit  reached before, or after, finalize() has interrupted the thread.
void a_limit_is_not_taken_back(holdfast::interpreter &python, std::chrono::milliseconds limit) {
    event inside;
    event reopened;
    bool has_ended_late = false;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python);
        try {
            holdfast::within(limit, [&] {
                {
                    const holdfast::detach_guard detached;
                    inside.set();
                    reopened.wait();
                }
                holdfast::exec("for i in range(10 ** 5): pass");
            });
        } catch (const holdfast::deadline_error &) {
            has_ended_late = true;
        }
        CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
    });
    inside.wait();
    if (limit == 1ms)
        until(limit_is_pending);
    CHECK(!python.finalize(100ms, holdfast::interrupt_after{0ms}));
    until(limit_is_pending);
    python.reopen();
    reopened.set();
    worker.join();
    CHECK(has_ended_late);
}

/// finalize() could not raise its exception in a thread that stays attached, and the end of within()
/// has raised it in its place.
void what_a_limit_has_passed_on(holdfast::interpreter &python) {
    event inside;
    event given_up;
    event passed_on;
    event reopened;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python);
        holdfast::within(1ms, [&] {
            inside.set();
            given_up.wait();  // attached
        });
        {
            const holdfast::detach_guard detached;
            passed_on.set();
            reopened.wait();
        }
        CHECK(holdfast::eval<int>("sum(i for i in range(10))") == 45);
    });
    inside.wait();
    CHECK(!python.finalize(100ms, holdfast::interrupt_after{0ms}));
    given_up.set();
    passed_on.wait();
    python.reopen();
    reopened.set();
    worker.join();
}

bool only_one_is_inside() { return holdfast::detail::process().main.door.count() == 1; }

/// finalize() has waited in vain for a thread that holds the interpreter, and so could interrupt
/// nobody. Its helper comes later, when nobody wants that any more.
void a_late_helper_interrupts_nobody(holdfast::interpreter &python) {
    event inside;
    event reopened;
    event held;
    event let_go;
    std::thread worker([&] { calculate_after(python, inside, reopened); });
    inside.wait();
    std::thread holder([&] {
        const PyGILState_STATE before = PyGILState_Ensure();
        held.set();
        let_go.wait();  // attached
        PyGILState_Release(before);
    });
    held.wait();
    CHECK(!python.finalize(50ms, holdfast::interrupt_after{0ms}));
    python.reopen();
    CHECK(!python.finalize(50ms));
    let_go.set();
    holder.join();
    until(only_one_is_inside);  // the helpers have left
    python.reopen();
    reopened.set();
    worker.join();
}

}  // namespace

int main() {
    holdfast::interpreter python;
    pools_work_again(python);
    pools_work_after_reopen_inside_another(python);
    a_caller_calls_no_other_after_reopen(python);
    a_callback_that_has_begun_is_waited_for(python);
    pools_work_after_release(python);
    {
        // 3.12 may crash at its end if an interpreter with another GIL has imported what the main
        // one has.
        holdfast::subinterpreter_config config;
        config.shared_gil = true;
        holdfast::subinterpreter sub(python, config);
        pools_of_a_subinterpreter_work_again(sub, sub);
        pools_of_a_subinterpreter_work_again(sub, python);
        CHECK(sub.finalize(30s));
    }
    nobody_is_interrupted(python);
    // As within() refuses a limit that has passed before it begins, 1 ms is the shortest.
    a_limit_is_not_taken_back(python, 1ms);
    a_limit_is_not_taken_back(python, 300ms);
    what_a_limit_has_passed_on(python);
    a_late_helper_interrupts_nobody(python);
    CHECK(python.finalize(30s));
}
