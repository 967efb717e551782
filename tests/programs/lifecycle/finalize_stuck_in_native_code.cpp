// A thread that sleeps in native code while attached is named at the limit; no stack is waited for.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <string>
#include <thread>

#include "check.hpp"
#include "event.hpp"

int main() {
    holdfast::interpreter python;
    event inside;
    event go;
    std::thread worker([&] {
        const holdfast::attach_guard attached(python.view());
        inside.set();
        go.wait();  // attached: the mistake that this is about
    });
    inside.wait();
    const auto begun = std::chrono::steady_clock::now();
    const holdfast::finalize_report report = python.finalize(std::chrono::milliseconds(100));
    CHECK(!report);
    CHECK(std::chrono::steady_clock::now() < begun + std::chrono::seconds(10));
    bool named = false;
    for (const holdfast::attached_thread &thread : report.still_inside)
        named =
            named || thread.where.find("finalize_stuck_in_native_code.cpp") != std::string::npos;
    CHECK(named);
    go.set();
    CHECK(python.finalize(std::chrono::seconds(10)));
    worker.join();
}
