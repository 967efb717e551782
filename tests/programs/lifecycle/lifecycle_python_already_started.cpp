// If the host started Python itself, constructing an interpreter throws HF215; main_view() works instead.
#include <holdfast/interpreter.hpp>

#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    Py_InitializeEx(0);
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter python; }) == "HF215");
    PyThreadState *const main_state = PyEval_SaveThread();
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter python; }) == "HF215");
    std::thread([] {
        const holdfast::attach_guard attached(holdfast::main_view());
        run_python("alive = True");
    }).join();
    PyEval_RestoreThread(main_state);
    CHECK(Py_FinalizeEx() == 0);
}
