// If the host has called Py_FinalizeEx(), finalize() and ~interpreter report HF225 and change nothing.
#include <holdfast/holdfast.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "thrown.hpp"

namespace {

void end_python_by_hand() {
    PyGILState_Ensure();
    CHECK(Py_FinalizeEx() == 0);
}

}  // namespace

int main() {
    {
        std::optional<holdfast::interpreter> python(std::in_place);
        const holdfast::interpreter_view view = python->view();
        std::thread([&] { holdfast::exec("x = 1"); }).join();
        end_python_by_hand();
        CHECK(!view.alive());
        const holdfast::finalize_report report = python->finalize(std::chrono::seconds(1));
        CHECK(report && report.still_inside.empty());
        CHECK(report.text().rfind("HF225 ", 0) == 0);
        CHECK(contains(report.text(), "\n  do: "));
        CHECK(python->finalize(std::chrono::seconds(1)).problem == report.problem);
        CHECK(thrown_code<holdfast::usage_error>([&] { python->reopen(); }) == "HF217");
        CHECK(thrown_code<holdfast::closed_error>([&] { holdfast::attach_guard late(view); }) ==
              "HF203");
    }
    {
        std::optional<holdfast::interpreter> python(std::in_place);
        end_python_by_hand();
        python.reset();  // says so on stderr
    }
    {
        std::optional<holdfast::interpreter> python(std::in_place);
        end_python_by_hand();
        Py_Initialize();  // a Python that is nothing of ours
        CHECK(python->finalize(std::chrono::seconds(1)).text().rfind("HF225 ", 0) == 0);
        CHECK(Py_IsInitialized() == 1);
        python.reset();
        CHECK(Py_FinalizeEx() == 0);
    }
    holdfast::interpreter again;
    CHECK(holdfast::eval<int>("1 + 1") == 2);
    CHECK(again.finalize(std::chrono::seconds(10)).problem.empty());
}
