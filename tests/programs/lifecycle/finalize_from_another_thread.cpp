// finalize() on another thread than the one that started Python throws HF210 and changes nothing.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    holdfast::interpreter python;
    const auto finalize = [&] { python.finalize(std::chrono::seconds(5)); };
    std::thread([&] {
        CHECK(thrown_code<holdfast::usage_error>(finalize) == "HF210");
        {
            const holdfast::attach_guard attached(python.view());
            run_python("import threading");
            CHECK(thrown_code<holdfast::usage_error>(finalize) == "HF210");
        }
        CHECK(python.view().alive());
        const holdfast::attach_guard attached(python.view());
        run_python("alive = True");
    }).join();
    finalize();
    CHECK(python.view().reason() == holdfast::closed_reason::finalized);
}
