// A thread blocked in C is reported as interrupted, gets the exception when C returns, and works afterwards.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "event.hpp"

using namespace std::chrono_literals;

namespace {

/// As some libraries do: it takes the cached state's place in PyGILState's slot.
void use_a_state_of_its_own() {
    PyThreadState *const state = PyThreadState_New(PyInterpreterState_Main());
    PyEval_RestoreThread(state);
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
}

}  // namespace

int main() {
    event inside;
    event come_back;
    event reopened;
    event done;
    holdfast::interpreter python;
    {
        const holdfast::attach_guard attached;
        const holdfast::object block = holdfast::callable("block", [&] {
            const holdfast::detach_guard detached;
            inside.set();
            come_back.wait();
        });
        PyObject *const names = PyModule_GetDict(PyImport_AddModule("__main__"));
        CHECK(PyDict_SetItemString(names, "block", block.get()) == 0);
    }
    holdfast::exec(
        "after = False\n"
        "def work():\n"
        "    global after\n"
        "    block()\n"
        "    after = True\n");
    std::thread worker([&] {
        const holdfast::function<void()> work("__main__", "work");
        try {
            work();
            CHECK_NOT_REACHED("interrupted");
        } catch (const holdfast::python_error &error) {
            CHECK(error.type() == "holdfast.Interrupted");
        }
        done.set();
        reopened.wait();
        CHECK(holdfast::eval<int>("sum(range(10))") == 45);  // nothing of it is left
        use_a_state_of_its_own();
        CHECK(holdfast::eval<int>("sum(range(10))") ==
              45);  // nor where the cached state has to be looked for
    });
    inside.wait();
    const holdfast::finalize_report report =
        python.finalize(150ms, holdfast::interrupt_after{10ms});
    CHECK(!report);
    CHECK(report.still_inside.size() == 1);
    CHECK(report.still_inside.front().interrupted);
    CHECK(contains(report.text(), "(interrupted, and still there)"));
    come_back.set();
    done.wait();
    python.reopen();
    CHECK(!holdfast::eval<bool>("after"));
    reopened.set();
    worker.join();
    CHECK(python.finalize(30s));
}
