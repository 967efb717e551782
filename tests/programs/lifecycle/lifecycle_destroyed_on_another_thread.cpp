// An interpreter object that is destroyed on a wrong thread reports that, and Python keeps running.
#include <holdfast/interpreter.hpp>

#include <memory>
#include <thread>

#include "check.hpp"
#include "run_python.hpp"
#include "thrown.hpp"

int main() {
    auto python = std::make_unique<holdfast::interpreter>();
    const holdfast::interpreter_view view = *python;
    std::thread([&] { python.reset(); }).join();
    CHECK(view.alive());
    {
        const holdfast::attach_guard attached(view);
        run_python("alive = True");
    }
    CHECK(thrown_code<holdfast::usage_error>([] { holdfast::interpreter second; }) == "HF214");
}
