// within() ends Python code that takes too long, reports what it cannot end, and leaves nothing to the next call.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/process.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"
#if HOLDFAST_DETAIL_HAS_FORK
#include "child.hpp"
#endif

using namespace std::chrono_literals;

namespace {

void running_bytecode() {
    try {
        holdfast::within(20ms, [] { holdfast::exec("def spin():\n    while True: pass\nspin()"); });
        CHECK_NOT_REACHED("ended");
    } catch (const holdfast::deadline_error &error) {
        CHECK(contains(error.what(), "within 20 ms"));
        CHECK(contains(error.traceback(), "in spin"));
    }
    CHECK(holdfast::eval<int>("1 + 1") == 2);
}

void caught_by_python() {
    CHECK(holdfast::within(200ms, [] { return holdfast::eval<int>("stubborn()"); }) == 7);
    CHECK(holdfast::eval<int>("1 + 1") == 2);
}

void blocked_in_c() {
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(10ms, [] { holdfast::exec("nap()"); }));
    CHECK(!holdfast::eval<bool>("after_nap"));
}

void queued() {
    event held;
    event let_go;
    std::thread holder([&] {
        const holdfast::attach_guard attached;
        held.set();
        let_go.wait();  // attached
    });
    held.wait();
    bool called = false;
    bool refused = false;
    std::atomic<bool> over{false};
    std::thread caller([&] {
        try {
            holdfast::within(20ms, [&] { called = true; });
        } catch (const holdfast::deadline_error &error) {
            refused = error.traceback().empty();
        }
        over.store(true);
    });
    const auto &door = holdfast::main_view().ref().record->door;
    while (door.count() < 2 && !over.load())  // through the gate, its time has begun
        std::this_thread::yield();
    std::this_thread::sleep_for(30ms);  // so that it is over
    let_go.set();
    caller.join();
    holder.join();
    CHECK(refused != called);
#if HOLDFAST_HAS_FREE_THREADING == 0
    CHECK(refused);
#endif
}

void fails_with_another_error() {
    try {
        holdfast::within(200ms, [] { holdfast::exec("stubborn(); raise KeyError('too late')"); });
        CHECK_NOT_REACHED("ended");
    } catch (const holdfast::python_error &error) {  // what the code made of it
        CHECK(error.type() == "KeyError");
    }
}

/// The limit passes when no more bytecode will run: the exception must not be raised in the next call.
void interrupted_too_late() {
    const holdfast::attach_guard for_both;
    holdfast::within(200ms, [] {
        while (!holdfast::detail::has_async_exception(PyThreadState_Get())) {
            const holdfast::detach_guard detached;
            std::this_thread::yield();
        }
    });
    CHECK(holdfast::eval<int>("sum(range(10))") == 45);
}

void nested() {
    bool inner_passed = false;
    try {
        holdfast::within(20ms, [&] {
            try {
                holdfast::within(60s, [] { holdfast::exec("while True: pass"); });
            } catch (const holdfast::python_error &error) {
                inner_passed = error.type() == "holdfast.Interrupted";
                throw;
            }
        });
        CHECK_NOT_REACHED("ended");
    } catch (const holdfast::deadline_error &) {}
    CHECK(inner_passed);
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(60s, [] {
                     holdfast::within(10ms, [] { holdfast::exec("while True: pass"); });
                 }));
    CHECK(holdfast::eval<int>("1 + 1") == 2);
}

void nothing_is_left_over() {
    std::vector<std::thread> workers;
    for (int id = 0; id < 4; ++id)
        workers.emplace_back([] {
            for (int turn = 0; turn < 60; ++turn) {
                try {
                    CHECK(holdfast::within(1ms, [] {
                              return holdfast::eval<int>("about_a_millisecond()");
                          }) == 3);
                } catch (const holdfast::deadline_error &) {}
                CHECK(holdfast::eval<int>("sum(range(200))") == 19900);
            }
        });
    for (std::thread &worker : workers)
        worker.join();
}

#if HOLDFAST_DETAIL_HAS_FORK
void in_a_forked_child() {
    // Within a call with a limit, so the child returns through a timer whose thread it does not have.
    const int child = holdfast::within(60s, [] { return holdfast::eval<int>("fork()"); });
    if (child == 0) {
        try {
            holdfast::within(20ms, [] { holdfast::exec("while True: pass"); });
        } catch (const holdfast::deadline_error &) {
            std::_Exit(0);
        }
        std::_Exit(1);
    }
    CHECK(status_of(child) == 0);
}
#endif

}  // namespace

int main() {
    holdfast::interpreter python;
    holdfast::exec(
        "import os, time, warnings\n"
        "after_nap = False\n"
        "def nap():\n"
        "    global after_nap\n"
        "    time.sleep(0.1)\n"
        "    after_nap = True\n"
        "def stubborn():\n"
        "    try:\n"
        "        count = 0\n"  // 3.11 and 3.12 raise past a `try` that begins with its loop
        "        while True: count += 1\n"
        "    except BaseException as error:\n"
        "        assert type(error).__name__ == 'Interrupted'\n"
        "        return 7\n"
        "def about_a_millisecond():\n"
        "    end = time.perf_counter() + 0.001\n"
        "    while time.perf_counter() < end: pass\n"
        "    return 3\n"
        "def fork():\n"
        "    warnings.simplefilter('ignore')\n"
        "    return os.fork()\n");
    running_bytecode();
    caught_by_python();
    blocked_in_c();
    queued();
    fails_with_another_error();
    interrupted_too_late();
    nested();
    nothing_is_left_over();
#if HOLDFAST_DETAIL_HAS_FORK
    in_a_forked_child();
#endif
    CHECK_THROWS(holdfast::deadline_error, holdfast::within(-1ms, [] {}));
    CHECK(python.finalize(30s));
    CHECK_THROWS(holdfast::closed_error, holdfast::within(1s, [] {}));
}
