// finalize() waits for an interpreter_guard although no thread is attached, and the report names the guard.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <memory>
#include <thread>

#include "check.hpp"
#include "contains.hpp"
#include "run_python.hpp"

int main() {
    holdfast::interpreter python;
    std::unique_ptr<holdfast::interpreter_guard> guard;
    unsigned line = 0;
    std::thread([&] {
        line = __LINE__ + 1;
        guard = std::make_unique<holdfast::interpreter_guard>(python.view());
    }).join();  // the guard outlives the thread that took it

    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(50));
    CHECK(!report);
    CHECK(report.still_inside.size() == 1);
    const holdfast::attached_thread &held = report.still_inside.front();
    CHECK(contains(held.where, "interpreter_guard"));
    CHECK(held.where.find("guard_holds_finalize_back.cpp") != std::string::npos ||
          held.where.find(".h:") != std::string::npos);  // made inside std::make_unique
    CHECK(contains(report.text(), "interpreter_guard"));
    CHECK(held.since <= std::chrono::steady_clock::now());

    guard.reset();
    CHECK(python.finalize(std::chrono::seconds(5)));
    CHECK(line != 0);
}
