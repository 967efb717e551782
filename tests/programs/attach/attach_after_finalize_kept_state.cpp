// A thread that kept a state over finalize() is refused with HF203, and never uses the old state.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "event.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    event attached_once;
    event finalized;

    std::thread worker([&] {
        {
            const holdfast::attach_guard attached(python.view());
            run_python("kept = 1");
        }
        attached_once.set();
        finalized.wait();
        for (int i = 0; i < 100; ++i)
            CHECK(thrown_code<holdfast::closed_error>(
                      [&] { holdfast::attach_guard late(python.view()); }) == "HF203");
        CHECK(thrown_code<holdfast::closed_error>([] { holdfast::attach_guard late; }) == "HF203");
        const holdfast::detach_guard nothing_to_detach;
        CHECK(!holdfast::attached());
    });

    attached_once.wait();
    CHECK(python.finalize(std::chrono::seconds(5)));
    finalized.set();
    worker.join();
}
