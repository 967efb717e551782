// A start that fails when Python is nearly ready is HF230; afterwards every attach is refused, and none hangs.
#include <holdfast/interpreter.hpp>

#include <fstream>
#include <new>
#include <thread>

#include "check.hpp"
#include "environment.hpp"
#include "scratch_folder.hpp"
#include "thrown.hpp"

int main() {
    const scratch_folder folder;
    std::ofstream(folder.path() / "sitecustomize.py") << "raise SystemExit('not today')\n";
    set_variable("PYTHONPATH", folder.path().c_str());

    const auto start = [] { holdfast::interpreter python; };
    CHECK(thrown_code<holdfast::startup_error>(start) == "HF230");
    // CPython may call itself initialised now, with the thread state still attached and the GIL held.
    const auto demand_refusal = [] {
        CHECK(!holdfast::attached());
        CHECK(!holdfast::main_view().alive());
        CHECK(!holdfast::attach_guard(holdfast::main_view(), std::nothrow));
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard attached; }) ==
              "HF201");
    };
    demand_refusal();
    std::thread(demand_refusal).join();
    CHECK(thrown_code<holdfast::startup_error>(start) == "HF235");
}
