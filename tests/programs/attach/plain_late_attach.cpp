// In a host that starts Python itself, attaches are refused before the start and after the end, and work in between.
#include <holdfast/thread_state.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    const auto attach = [] { holdfast::attach_guard attached; };
    const auto refusal = [&] {
        std::string code;
        std::thread([&] { code = thrown_code<holdfast::closed_error>(attach); }).join();
        CHECK(thrown_code<holdfast::closed_error>(attach) == code);
        return code;
    };
    CHECK(refusal() == "HF201");
    Py_InitializeEx(0);
    {
        const holdfast::attach_guard nested;  // on the thread that holds Python already
        run_python("x = 1");
        const holdfast::attach_guard by_view(holdfast::current_view());
    }
    PyThreadState *const main_state = PyEval_SaveThread();
    CHECK(refusal().empty());
    PyEval_RestoreThread(main_state);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(refusal() == "HF203");
    Py_InitializeEx(0);
    PyThreadState *const again = PyEval_SaveThread();
    CHECK(refusal().empty());
    PyEval_RestoreThread(again);
    CHECK(Py_FinalizeEx() == 0);
    CHECK(refusal() == "HF203");
}
