// finalize() by a thread that holds a guard throws HF211 at once, changes nothing, and works afterwards.
#include <holdfast/interpreter.hpp>

#include <chrono>
#include <new>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    using holdfast::usage_error;
    holdfast::interpreter python;
    const auto finalize = [&] { python.finalize(std::chrono::milliseconds::max()); };
    {
        const holdfast::interpreter_guard guard(python.view());
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
    }
    {
        const holdfast::attach_guard attached(python.view());
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
        const holdfast::detach_guard detached;
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
        CHECK(python.view().alive());  // newcomers are still admitted
        std::thread([&] {
            const holdfast::attach_guard other(python.view());
            run_python("alive = True");
        }).join();
    }
    CHECK(python.finalize(std::chrono::seconds(5)));
}
