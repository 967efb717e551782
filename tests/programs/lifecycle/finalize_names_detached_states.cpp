// Detached thread states that did not come through the gate are named at the end, or waited for.
#include <holdfast/holdfast.hpp>
#include <holdfast/platform/thread_name.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

namespace {

/// Enters by PyGILState_Ensure(), stays detached until told, then returns and leaves.
struct stranger {
    event detached;
    event go;
    bool comes_back = false;
    std::thread thread;

    explicit stranger(bool returns) : comes_back(returns) {
        thread = std::thread([this] {
            holdfast::detail::set_thread_name("stranger");
            const PyGILState_STATE state = PyGILState_Ensure();
            PyThreadState *const mine = PyEval_SaveThread();
            detached.set();
            go.wait();
            if (comes_back) {
                PyEval_RestoreThread(mine);
                PyRun_SimpleString("came_back = True");
                PyGILState_Release(state);
            }
            // holdfast: ignore[HF603] a state that is left behind is what finalize() has to name
        });
        detached.wait();
    }
};

void named() {
    holdfast::interpreter python;
    std::thread([&] { holdfast::exec("x = 1"); }).join();
    event kept;
    event go;
    std::thread ours([&] {  // keeps a state for its next attach: that is no stranger's
        holdfast::exec("y = 1");
        kept.set();
        go.wait();
    });
    kept.wait();
    holdfast::exec(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True, "
        "name='slee\\x1bper').start()");
    stranger one(false);
    const holdfast::finalize_report report = python.finalize(30s);
    CHECK(report && report.still_inside.empty());
    CHECK(report.left_behind.size() == 2);
    bool sleeper = false;
    bool unknown = false;
    for (const holdfast::attached_thread &thread : report.left_behind) {
        sleeper = sleeper || (thread.name == "slee\\x1bper" &&
                              thread.where.find("daemon") != std::string::npos);
#if PY_VERSION_HEX >= 0x030B0000
        unknown = unknown || (thread.name == "stranger" && thread.native_id != 0);
#else
        unknown = unknown || thread.where.find("PyGILState_Ensure") != std::string::npos;
#endif
    }
    CHECK(sleeper && unknown);
    CHECK(report.text().rfind("finalized\n", 0) == 0);
    CHECK(contains(report.text(), "did not come through the gate"));
    one.go.set();
    one.thread.join();
    go.set();
    ours.join();
}

void waited_for() {
    holdfast::interpreter python;
    stranger one(true);
    const holdfast::finalize_report not_yet =
        python.finalize(20ms, holdfast::detached_states::waited_for);
    CHECK(!not_yet && not_yet.still_inside.size() == 1);
    CHECK(contains(not_yet.text(), "did not come through the gate"));
    one.go.set();
    const holdfast::finalize_report report =
        python.finalize(30s, holdfast::detached_states::waited_for);
    CHECK(report && report.left_behind.empty());
    one.thread.join();
}

/// A thread that ends while the gate is closed leaves its cached state, which is holdfast's own.
void of_a_thread_that_ends_while_closed() {
    holdfast::interpreter python;
    event inside;
    event go;
    std::thread ours([&] {
        const holdfast::attach_guard attached(python);
        inside.set();
        const holdfast::detach_guard detached;
        go.wait();
    });
    inside.wait();
    CHECK(!python.finalize(20ms));
    go.set();
    ours.join();
    const holdfast::finalize_report report = python.finalize(30s);
    CHECK(report.text() == "finalized\n");
}

void of_an_ended_thread() {
    holdfast::interpreter python;
    std::thread([] {
        PyGILState_Ensure();
        PyEval_SaveThread();
    }).join();
#if PY_VERSION_HEX >= 0x030B0000
    const holdfast::finalize_report report =
        python.finalize(30s, holdfast::detached_states::waited_for);
    CHECK(report && report.left_behind.size() == 1);
    CHECK(contains(report.text(), "has ended"));
#endif
}

}  // namespace

int main() {
    named();
    waited_for();
    of_a_thread_that_ends_while_closed();
    of_an_ended_thread();
}
