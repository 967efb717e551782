// finalize() ends an adopted Python, with limit and report; without it, the host ends Python.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

namespace {

using holdfast::closed_reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string adoption() {
    return thrown_code<holdfast::error>(
        [] { const auto refused = holdfast::interpreter::adopt(); });
}

/// The host's own end, with an adopted object alive or not, is as it would be without one.
void left_to_the_host(bool object_lives_on) {
    Py_InitializeEx(0);
    PyThreadState *const state = PyThreadState_Get();
    std::optional<holdfast::interpreter> adopted(holdfast::interpreter::adopt());
    CHECK(PyThreadState_Get() == state);  // left as it was
    CHECK(adoption() == "HF214");
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter second; }) == "HF214");
    if (!object_lives_on) {
        adopted.reset();
        run_python("still_here = 1");
        CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter second; }) == "HF215");
        adopted.emplace(holdfast::interpreter::adopt());  // and again
        adopted.reset();
    }
    CHECK(Py_FinalizeEx() == 0);
    if (adopted) {
        CHECK(adopted->finalize(milliseconds(0)).finalized);
        CHECK(adopted->view().reason() == closed_reason::finalized);
    }
}

/// Finalized through the object: closed, drained, reported, reopened, and ended.
void ended_here(bool attached) {
    Py_InitializeEx(0);
    PyThreadState *const state = attached ? nullptr : PyEval_SaveThread();
    holdfast::interpreter python = holdfast::interpreter::adopt();
    CHECK(holdfast::attached() == (state == nullptr));
    if (attached)
        PyEval_SaveThread();

    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard guard(python.view());
        const holdfast::detach_guard detached;
        inside.set();
        go.wait();
    });
    inside.wait();
    const holdfast::finalize_report late = python.finalize(milliseconds(1));
    CHECK(!late && late.still_inside.size() == 1);
    python.reopen();
    std::thread([&] { holdfast::exec("x = 1"); }).join();
    std::thread([&] {
        CHECK(thrown_code<holdfast::usage_error>([&] { python.finalize(seconds(1)); }) == "HF210");
    }).join();
    go.set();
    worker.join();
    CHECK(python.finalize(seconds(10)));
    CHECK(Py_IsInitialized() == 0 && !python.view().alive());
    CHECK(python.finalize(seconds(10)));  // the same report again
}

/// On another thread than Python's main one, it can be adopted but not finalized.
void adopted_elsewhere() {
    Py_InitializeEx(0);
    PyThreadState *const state = PyEval_SaveThread();
    std::thread([] {
        holdfast::interpreter python = holdfast::interpreter::adopt();
        holdfast::exec("x = 1");
        CHECK(thrown_code<holdfast::usage_error>([&] { python.finalize(seconds(1)); }) == "HF210");
        CHECK(python.view().alive());
    }).join();
    PyEval_RestoreThread(state);
    CHECK(Py_FinalizeEx() == 0);
}

}  // namespace

int main() {
    CHECK(adoption() == "HF256");
    left_to_the_host(false);
    CHECK(adoption() == "HF256");
    left_to_the_host(true);
    ended_here(true);
    ended_here(false);
    adopted_elsewhere();
    {
        const holdfast::interpreter ours;
        CHECK(adoption() == "HF214");
    }
    CHECK(adoption() == "HF256");
}
