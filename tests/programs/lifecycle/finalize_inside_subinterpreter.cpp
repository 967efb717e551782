// finalize() by a thread inside a sub-interpreter throws HF211 at once, changes nothing, and works afterwards.
#include <holdfast/interpreter.hpp>
#include <holdfast/lifecycle/subinterpreter.hpp>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    using holdfast::usage_error;
    auto python = std::make_unique<holdfast::interpreter>();
    holdfast::subinterpreter sub(*python);
    holdfast::subinterpreter other(*python);
    const auto finalize = [&] { python->finalize(std::chrono::milliseconds::max()); };
    {
        const holdfast::interpreter_guard guard(sub.view());
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
    }
    {
        const holdfast::attach_guard attached(sub.view());
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
        const holdfast::detach_guard detached;
        CHECK(thrown_code<usage_error>(finalize) == "HF211");
        CHECK(python->view().alive() && sub.view().alive() && other.view().alive());
        std::thread([&] {
            for (const holdfast::interpreter_view &view :
                 {python->view(), sub.view(), other.view()}) {
                const holdfast::attach_guard newcomer(view);
                run_python("alive = True");
            }
        }).join();
        {
            const holdfast::attach_guard switched(other.view());
            CHECK(thrown_code<usage_error>(finalize) == "HF211");
            CHECK(thrown_code<usage_error>(
                      [&] { other.finalize(std::chrono::milliseconds::max()); }) == "HF211");
        }
        python.reset();  // says so, and leaves Python as it is
        CHECK(other.view().alive());
        const holdfast::attach_guard again(sub.view());
        run_python("alive = True");
    }
    CHECK(other.finalize(std::chrono::seconds(5)));
    CHECK(sub.finalize(std::chrono::seconds(5)));
}
